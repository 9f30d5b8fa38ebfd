import { canonicalJson } from '../core/canonicalJson.ts'
import { DataError } from '../core/errors.ts'
import type { NamedTensors } from '../core/hostTensor.ts'
import { showValue } from '../core/showValue.ts'
import { readSafetensors, type ReadOptions } from '../core/safetensors/read.ts'
import { writeSafetensors } from '../core/safetensors/write.ts'

/** Raised by one whenever an older Bunsen would misread the file. */
export const checkpointVersion = 1

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** A change made while the run went: needed to tell how the weights came about. */
export interface CheckpointEdit {
  step: number
  setting: string
  value: number
}

/** All that a run needs to go on at the exact step. */
export interface Checkpoint {
  /** The run's configuration; raw after decoding: migrate and parse it before use. */
  config: unknown
  /** Finished updates over all stages. */
  step: number
  /** Index of the stage that `step` belongs to. */
  stage: number
  /** Where the data order stands. */
  cursor: JsonValue
  /** What the random numbers are made from: kind and seed, as the engine has it. */
  generator: JsonValue
  /** What the trainer knows beside its tensors: best value, patience used up, elapsed time. */
  trainer: JsonValue
  /** Last value of each metric; NaN and infinities survive. */
  metrics: Record<string, number>
  /** SHA-256 of the checkpoint that this run started from, or null. */
  parent: string | null
  /** State of the tokenizer, enough to encode and decode without the data set; null where a task has none. */
  tokenizer: { kind: string; state: JsonValue } | null
  /** How else content became numbers: sizes, classes, scales; null in files of older versions, which had only texts. */
  coding: JsonValue
  edits: CheckpointEdit[]
  /** Run and step that a branch left, with what it changed; null of a run that is none. */
  branch: JsonValue
  /** Model weights, `optimizer.<slot>.<name>`, `loss.<name>.…` */
  tensors: NamedTensors
}

export type DecodedCheckpoint =
  | { kind: 'bunsen'; checkpoint: Checkpoint }
  /** A sound safetensors file of somebody else: weights, but nothing to resume from. */
  | { kind: 'foreign'; tensors: NamedTensors; metadata: Record<string, string> }

/** One checkpoint as the bytes of a `.safetensors` file. Equal checkpoints give equal bytes. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { tensors, metrics, step, stage, ...rest } = checkpoint
  return writeSafetensors(tensors, {
    format: 'bunsen',
    version: String(checkpointVersion),
    step: String(step),
    stage: String(stage),
    metrics: canonicalJson(
      Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, toJson(value)])),
    ),
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, canonicalJson(value)])),
  })
}

/**
 * Reads a `.safetensors` file, of Bunsen or not.
 *
 * @throws DataError `safetensors-…` where the file is broken, `checkpoint-newer` where a newer Bunsen wrote it,
 *   `checkpoint-invalid` where a field is missing or of the wrong kind (`details.field`)
 */
export function decodeCheckpoint(bytes: Uint8Array, options: ReadOptions = {}): DecodedCheckpoint {
  const { tensors, metadata } = readSafetensors(bytes, options)
  if (metadata['format'] !== 'bunsen') return { kind: 'foreign', tensors, metadata }
  const fields = new Fields(metadata)
  checkVersion(fields.wholeNumber('version'))
  const checkpoint: Checkpoint = {
    config: fields.object('config'),
    step: fields.wholeNumber('step'),
    stage: fields.wholeNumber('stage'),
    cursor: fields.json('cursor'),
    generator: fields.json('generator'),
    trainer: fields.json('trainer'),
    metrics: fields.metrics(),
    parent: fields.parent(),
    tokenizer: fields.tokenizer(),
    coding: fields.optional('coding'),
    branch: fields.optional('branch'),
    edits: fields.edits(),
    tensors,
  }
  return { kind: 'bunsen', checkpoint }
}

function checkVersion(version: number): void {
  if (version <= checkpointVersion) return
  throw new DataError(
    `checkpoint: this Bunsen reads versions up to ${checkpointVersion}, got version ${version}; nothing was changed`,
    {
      code: 'checkpoint-newer',
      remedy: 'It was saved by a newer Bunsen: reload the page to update, then try again.',
      details: { version, supported: checkpointVersion },
    },
  )
}

/** Reads the strings of `__metadata__` one by one; each failure names its field. */
class Fields {
  readonly #metadata: Record<string, string>
  constructor(metadata: Record<string, string>) {
    this.#metadata = metadata
  }

  json(field: string): JsonValue {
    const text = Object.hasOwn(this.#metadata, field) ? this.#metadata[field] : undefined
    if (text === undefined) return invalid(field, 'must be there')
    try {
      return JSON.parse(text) as JsonValue
    } catch {
      return invalid(field, 'must be JSON', text)
    }
  }

  wholeNumber(field: string): number {
    const value = this.json(field)
    if (!isCount(value)) return invalid(field, 'must be a whole number from 0', this.#metadata[field])
    return value
  }

  object(field: string): { readonly [key: string]: JsonValue } {
    const value = this.json(field)
    return isObject(value) ? value : invalid(field, 'must be a JSON object', this.#metadata[field])
  }

  metrics(): Record<string, number> {
    const pairs = Object.entries(this.object('metrics')).map(([name, value]): [string, number] => {
      if (typeof value === 'number') return [name, value]
      if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return [name, Number(value)]
      return invalid('metrics', 'must hold numbers', `${name}: ${showValue(value)}`)
    })
    return Object.fromEntries(pairs)
  }

  parent(): string | null {
    const value = this.json('parent')
    if (value === null || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value))) return value
    return invalid('parent', 'must be a SHA-256 or null', this.#metadata['parent'])
  }

  tokenizer(): Checkpoint['tokenizer'] {
    const value = this.json('tokenizer')
    if (value === null) return null
    if (isObject(value) && typeof value['kind'] === 'string' && value['state'] !== undefined) {
      return { kind: value['kind'], state: value['state'] }
    }
    return invalid('tokenizer', 'must hold kind and state', this.#metadata['tokenizer'])
  }

  /** null in files of versions that did not have it. */
  optional(field: string): JsonValue {
    return Object.hasOwn(this.#metadata, field) ? this.json(field) : null
  }

  edits(): CheckpointEdit[] {
    const list = this.json('edits')
    if (!Array.isArray(list)) return invalid('edits', 'must be a list', this.#metadata['edits'])
    return list.map((edit: JsonValue) => {
      if (isObject(edit)) {
        const { step, setting, value } = edit
        if (isCount(step) && typeof setting === 'string' && typeof value === 'number')
          return { step, setting, value }
      }
      return invalid('edits', 'must hold step, setting and value', showValue(edit))
    })
  }
}

function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function toJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

function invalid(field: string, rule: string, got?: string): never {
  const shown = got === undefined ? 'nothing' : got.length > 80 ? `${got.slice(0, 77)}…` : got
  throw new DataError(`checkpoint: ${field} ${rule}, got ${shown}`, {
    code: 'checkpoint-invalid',
    remedy: 'The file says that it is a Bunsen checkpoint but is damaged: take another copy of it.',
    details: { field },
  })
}
