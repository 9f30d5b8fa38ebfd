import { canonicalJson } from '../../core/canonicalJson.ts'
import { LabBackend } from '../backend/labBackend.ts'
import { backend as currentBackend } from '../backend/tfjs.ts'
import type { CompileProgress, DeviceFunction } from '../graph/deviceFunction.ts'
import type { Placement } from '../graph/placement.ts'
import { productsWithin, type ProductShape } from '../kernels/matmul/chooseMatmul.ts'
import { Workspace } from '../graph/workspace.ts'
import {
  createLogitsFunction,
  createLossFunction,
  createRecallFunction,
  createStepFunction,
  createTokenFunction,
  shapeOf,
  type BatchShape,
  type FunctionSetting,
  type StepFunction,
  type StepShape,
} from './sessionFunctions.ts'
import { seqLenOf } from '../models/seqLenOf.ts'
import { StoredKeyValues } from '../nn/keyValueCache.ts'
import { precisionProblem } from './precision.ts'
import type { SessionState } from './trainSessionState.ts'
import type { Batch } from './trainStepBatch.ts'
import {
  createAttentionFunction,
  createWritingFunctions,
  writingArrays,
  type WritingFunctions,
} from './writingFunctions.ts'

/** Sizes of batches that are kept ready: a run uses one or two, or one for each bucket of lengths. */
const mostKept = 12

/** The functions of a session, each made when it is first asked for and kept by the sizes that it was made for. */
export class Functions {
  readonly #state: SessionState
  readonly #setting: FunctionSetting
  readonly #workspace: Workspace | null
  readonly #steps = new Map<string, StepFunction>()
  readonly #losses = new Map<string, DeviceFunction<string>>()
  /** What writes texts. */
  readonly #writers = new Map<string, WritingFunctions>()
  /** What tells what is looked at, or finds hidden tokens. */
  readonly #readers = new Map<string, DeviceFunction<string>>()
  #logits: DeviceFunction<'ids' | 'row'> | null = null
  #token: DeviceFunction<'ids' | 'row'> | null = null
  #kept: StoredKeyValues | null = null

  constructor(state: SessionState, isEager: boolean) {
    this.#state = state
    const backend = currentBackend()
    this.#workspace = backend instanceof LabBackend ? new Workspace(backend) : null
    this.#setting = { workspace: this.#workspace, isEager }
  }

  /** @throws DeviceError `no-half-precision`, before the first stage if a later one asks for it */
  step(batches: readonly Batch[]): StepFunction {
    return this.#step({ microBatches: batches.length, batch: shapeOf(batches[0]!) })
  }

  #step(shape: StepShape): StepFunction {
    return kept(
      this.#steps,
      canonicalJson(shape),
      ({ device }) => device.dispose(),
      () => {
        const { config, device } = this.#state
        const problem = precisionProblem(config, device.info)
        if (problem !== null) throw problem
        return createStepFunction(this.#state, shape, this.#setting)
      },
    )
  }

  loss(shape: BatchShape): DeviceFunction<string> {
    return kept(
      this.#losses,
      canonicalJson(shape),
      (loss) => loss.dispose(),
      () => createLossFunction(this.#state, shape, this.#setting),
    )
  }

  /** Of tasks that write: what follows. */
  writer(shape: BatchShape): WritingFunctions {
    return kept(
      this.#writers,
      canonicalJson(shape),
      (writer) => writer.dispose(),
      () => createWritingFunctions(this.#state, { shape, setting: this.#setting }),
    )
  }

  /** Of tasks that write: what is looked at. */
  attention(shape: BatchShape): DeviceFunction<string> {
    return kept(
      this.#readers,
      canonicalJson(shape),
      (attention) => attention.dispose(),
      () => createAttentionFunction(this.#state, { shape, setting: this.#setting }),
    )
  }

  /** Of tasks that hide tokens: the scores of so many places. */
  recall(shape: BatchShape, places: number): DeviceFunction<string> {
    return kept(
      this.#readers,
      canonicalJson({ shape, places }),
      (recall) => recall.dispose(),
      () => createRecallFunction(this.#state, { shape, places }, this.#setting),
    )
  }

  /** Reads a whole context. */
  logits(): DeviceFunction<'ids' | 'row'> {
    this.#logits ??= createLogitsFunction(this.#state, this.#keptOfLayers(), this.#setting)
    return this.#logits
  }

  /** Reads one token after those that it or {@link logits} read before; null where the model cannot. */
  token(): DeviceFunction<'ids' | 'row'> | null {
    const kept = this.#keptOfLayers()
    if (kept !== null) this.#token ??= createTokenFunction(this.#state, kept, this.#setting)
    return this.#token
  }

  #keptOfLayers(): StoredKeyValues | null {
    const { model, config } = this.#state
    const specs = model.caches(config.model, { batchSize: 1, seqLen: seqLenOf(config), memoryLen: 0 })
    if (specs.length > 0) this.#kept ??= new StoredKeyValues(specs)
    return this.#kept
  }

  /** Compiles the update of the current stage. */
  prepareStep(onProgress: CompileProgress): Promise<void> {
    return this.#stageStep().prepare(onProgress)
  }

  /** Compiles what else a run calls at the current stage: its evaluation and the writing of texts. */
  async prepareOthers(): Promise<void> {
    const { config, task } = this.#state
    const others = [
      this.loss(this.#batchShape()),
      ...(task.writing === undefined ? [] : this.#writing()),
      ...(task.canWrite && task.writing === undefined && config.evaluation.sampleEvery > 0
        ? [this.logits(), ...[this.token() ?? []].flat()]
        : []),
    ]
    await Promise.all(others.map((other) => other.prepare(() => {})))
  }

  #writing(): DeviceFunction<string>[] {
    const { batchSize, lengths } = this.#batchShape()
    const written = Object.fromEntries(writingArrays.map((name) => [name, lengths[name]!]))
    const { whole, kept } = this.writer({ batchSize, lengths: written })
    return [whole, ...(kept === null ? [] : [kept.token])]
  }

  /** What the update of the current stage will take, recorded but not compiled; null where nothing is recorded. */
  planStep(): Placement | null {
    return this.#stageStep().plan()
  }

  #stageStep(): DeviceFunction<string> {
    return this.#step(this.#stepShape()).device
  }

  #stepShape(): StepShape {
    const { accumulationSteps } = this.#state.stage.config
    return { microBatches: accumulationSteps, batch: this.#batchShape() }
  }

  /** Of the stage's batches, as long as they may be. */
  #batchShape(): BatchShape {
    const { arraySpecs, stage } = this.#state
    const { batchSize } = stage.config
    const lengths = Object.entries(arraySpecs).map(([name, { perItem }]) => [name, batchSize * perItem])
    return { batchSize, lengths: Object.fromEntries(lengths) as Record<string, number> }
  }

  get refusal(): string | null {
    return [...this.#steps.values()].find(({ device }) => device.refusal !== null)?.device.refusal ?? null
  }

  /** Of the workspace: what the fullest update keeps for its backward pass. */
  get activationBytes(): number {
    const programs = [...this.#steps.values()].map(({ device }) => device.program)
    return Math.max(0, ...programs.map((program) => program?.placement.activationBytes ?? 0))
  }

  get workspaceBytes(): number {
    return this.#workspace?.sizeBytes ?? 0
  }

  get otherBytes(): number {
    const stored = [this.#kept, ...[...this.#writers.values()].map(({ kept }) => kept)]
    return [...this.#all(), ...stored].reduce((sum, part) => sum + (part?.sizeBytes ?? 0), 0)
  }

  /** The matrix products of an update of the current stage: it is recorded for them, and not kept. */
  async products(): Promise<ProductShape[]> {
    const setting = { ...this.#setting, isEager: false }
    const { device } = createStepFunction(this.#state, this.#stepShape(), setting)
    try {
      const products = productsWithin(() => device.plan())
      const backend = currentBackend()
      // The recording has set tfjs's programs compiling: whoever calls one before it is ready compiles it again.
      if (backend instanceof LabBackend) await backend.checkCompileCompletionAsync()
      return products
    } finally {
      device.dispose()
    }
  }

  /** What belongs to a stage: its updates and its losses. */
  leaveStage(): void {
    for (const { device } of this.#steps.values()) device.dispose()
    for (const loss of this.#losses.values()) loss.dispose()
    for (const writer of [...this.#writers.values(), ...this.#readers.values()]) writer.dispose()
    this.#steps.clear()
    this.#losses.clear()
    this.#writers.clear()
    this.#readers.clear()
  }

  /** Everything that was recorded so far. */
  forget(): void {
    this.leaveStage()
    this.#logits?.dispose()
    this.#logits = null
    this.#token?.dispose()
    this.#token = null
    this.#kept?.dispose()
    this.#kept = null
  }

  dispose(): void {
    this.forget()
    this.#workspace?.dispose()
  }

  #all(): DeviceFunction<string>[] {
    const steps = [...this.#steps.values()].map(({ device }) => device)
    const others = [
      ...this.#losses.values(),
      ...this.#readers.values(),
      ...[...this.#writers.values()].flatMap(({ whole, kept }) =>
        kept === null ? [whole] : [whole, kept.token, kept.reorder],
      ),
      ...(this.#logits ? [this.#logits] : []),
      ...(this.#token ? [this.#token] : []),
    ]
    return [...steps, ...(others as DeviceFunction<string>[])]
  }
}

/** The entry of a key, made where it is missing; the one unused for longest goes where there are too many. */
function kept<T>(entries: Map<string, T>, key: string, drop: (entry: T) => void, make: () => T): T {
  const entry = entries.get(key) ?? make()
  entries.delete(key)
  entries.set(key, entry)
  if (entries.size > mostKept) {
    const [oldest] = entries.keys()
    drop(entries.get(oldest!)!)
    entries.delete(oldest!)
  }
  return entry
}
