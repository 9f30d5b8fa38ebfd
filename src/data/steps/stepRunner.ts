import { BunsenError } from '../../core/errors.ts'
import type { StepReason, StepRecord, StepReport, StepStore } from '../../core/steps.ts'
import { sha256Hex } from '../../core/sha256.ts'
import { decodeStepValue, encodeStepValue } from '../../core/stepValue.ts'
import { throwIfCancelled } from '../cancel.ts'
import { explain } from './explain.ts'
import type { GraphNode, StepNode } from './stepNode.ts'

export interface StepRunOptions {
  readonly signal?: AbortSignal | undefined
  /** Share of the graph's steps that is done; never falls. */
  onProgress?(share: number): void
}

export interface StepRun<Value> {
  readonly value: Value
  /** One for each step that can be stored, inputs first. Steps that had nothing to do are left out. */
  readonly reports: readonly StepReport[]
  /** The value as it is stored, where it was computed and could not be kept. */
  readonly unkeptBytes: Uint8Array | null
}

interface Made {
  readonly value: unknown
  readonly report: StepReport | null
  readonly unkeptBytes: Uint8Array | null
}

interface Session extends StepRunOptions {
  readonly made: Map<string, Promise<Made>>
  readonly total: number
  done: number
}

/** What a step without anything to do gives. */
const nothingSha256 = sha256Hex(encodeStepValue({ json: null, arrays: {} }))

/**
 * Computes what a graph's last node makes, and of its inputs only what is not stored. Equal keys that are asked for at the same time are computed
 * once. A value is always the one that the store would give back, so that a hit cannot differ.
 */
export class StepRunner {
  readonly #store: StepStore
  readonly #now: () => number
  readonly #running = new Map<string, Promise<Made>>()

  constructor(store: StepStore, now: () => number = () => performance.now()) {
    this.#store = store
    this.#now = now
  }

  /** Throws what the steps throw, `cancelled`, and what the store throws other than for a full disk. */
  async run<Value>(node: StepNode<Value>, options: StepRunOptions = {}): Promise<StepRun<Value>> {
    const nodes = stepsOf(node)
    const session: Session = { ...options, made: new Map(), total: nodes.length, done: 0 }
    const { value, unkeptBytes } = await this.#resolve(node, session)
    const reports: StepReport[] = []
    for (const each of nodes) {
      const made = session.made.get(each.key)
      const report = made ? (await made).report : await this.#spared(each)
      if (report !== null) reports.push(report)
    }
    options.onProgress?.(1)
    return { value: value as Value, reports, unkeptBytes }
  }

  /** What is stored of a step; null where it would have to be computed. */
  async peek<Value>(node: StepNode<Value>): Promise<Value | null> {
    return node.kind.codec && (((await this.#load(node))?.value as Value | undefined) ?? null)
  }

  async #resolve(node: GraphNode<unknown>, session: Session): Promise<Made> {
    if (node.kind === null) return { value: node.value, report: null, unkeptBytes: null }
    const known = session.made.get(node.key)
    if (known) return known
    const made = this.#once(node, session)
    session.made.set(node.key, made)
    return made
  }

  async #once(node: StepNode<unknown>, session: Session): Promise<Made> {
    for (;;) {
      const running = this.#running.get(node.key)
      if (!running) break
      const startedAt = this.#now()
      try {
        const { value, report, unkeptBytes } = await running
        const seconds = this.#since(startedAt)
        this.#advance(session)
        return {
          value,
          unkeptBytes,
          report: report && { ...report, outcome: 'reused', reason: null, seconds },
        }
      } catch (error) {
        // Whoever computed it did not want it any more; this one does.
        const isOthers =
          error instanceof BunsenError && error.code === 'cancelled' && !session.signal?.aborted
        if (!isOthers) throw error
      }
    }
    const making = this.#make(node, session)
    this.#running.set(node.key, making)
    try {
      return await making
    } finally {
      this.#running.delete(node.key)
    }
  }

  async #make(node: StepNode<unknown>, session: Session): Promise<Made> {
    throwIfCancelled(session.signal)
    const { key, identity, kind } = node
    let reason: StepReason | null = null
    if (kind.codec !== null) {
      const stored = await this.#load(node)
      if (stored) {
        this.#advance(session)
        return stored
      }
      reason = explain(key, identity, await this.#store.records(kind.id))
    }
    const inputs: Record<string, unknown> = {}
    for (const [name, input] of Object.entries(node.inputs))
      inputs[name] = (await this.#resolve(input, session)).value
    throwIfCancelled(session.signal)
    const startedAt = this.#now()
    const value: unknown = await kind.run({
      config: identity.config as never,
      seed: identity.seed ?? 0,
      inputs: inputs as never,
      signal: session.signal,
      onProgress: (share) => session.onProgress?.((session.done + share) / session.total),
    })
    const seconds = this.#since(startedAt)
    throwIfCancelled(session.signal)
    this.#advance(session)
    if (kind.codec === null) return { value, report: null, unkeptBytes: null }
    const bytes = encodeStepValue(kind.codec.pack(value as never))
    const unkept = await this.#store.put({ key, identity, seconds }, bytes)
    const stored = decodeStepValue(bytes)
    const isNothing = stored.json === null && Object.keys(stored.arrays).length === 0
    const report = this.#report(node, {
      outcome: 'computed',
      reason,
      seconds,
      costSeconds: seconds,
      sizeBytes: bytes.length,
      unkept,
    })
    return {
      value: kind.codec.unpack(stored),
      report: isNothing ? null : report,
      unkeptBytes: unkept === null ? null : bytes,
    }
  }

  async #load(node: StepNode<unknown>): Promise<Made | null> {
    const startedAt = this.#now()
    const stored = await this.#store.get(node.key)
    if (stored === null) return null
    try {
      const value = node.kind.codec!.unpack(decodeStepValue(stored.bytes))
      const { seconds: costSeconds, sizeBytes } = stored.record
      const report = this.#report(node, {
        outcome: 'reused',
        reason: null,
        seconds: this.#since(startedAt),
        costSeconds,
        sizeBytes,
        unkept: null,
      })
      return { value, report: stored.record.sha256 === nothingSha256 ? null : report, unkeptBytes: null }
    } catch {
      // Sound bytes that another version wrote in another shape, without saying so by its number.
      await this.#store.discard(node.key)
      return null
    }
  }

  async #spared(node: StepNode<unknown>): Promise<StepReport | null> {
    if (node.kind.codec === null) return null
    const records = await this.#store.records(node.kind.id)
    const record: StepRecord | undefined = records.find(({ key }) => key === node.key)
    if (!record || record.sha256 === nothingSha256) return null
    const { seconds: costSeconds, sizeBytes } = record
    return this.#report(node, {
      outcome: 'spared',
      reason: null,
      seconds: 0,
      costSeconds,
      sizeBytes,
      unkept: null,
    })
  }

  #report({ key, kind }: StepNode<unknown>, found: Omit<StepReport, 'step' | 'title' | 'key'>): StepReport {
    return { step: kind.id, title: kind.title, key, ...found }
  }

  #advance(session: Session): void {
    session.done++
    session.onProgress?.(session.done / session.total)
  }

  #since(startedAt: number): number {
    return (this.#now() - startedAt) / 1000
  }
}

/** All steps of a graph, each after its inputs. */
function stepsOf(last: StepNode<unknown>): StepNode<unknown>[] {
  const found = new Map<string, StepNode<unknown>>()
  const visit = (node: GraphNode<unknown>): void => {
    if (node.kind === null || found.has(node.key)) return
    Object.values(node.inputs).forEach(visit)
    found.set(node.key, node)
  }
  visit(last)
  return [...found.values()]
}
