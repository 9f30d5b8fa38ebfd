import type { StepValue } from '../../core/stepValue.ts'

/** What a step is given. Nothing else may decide what it makes: no clock, no chance, no state of its own. */
export interface StepTask<Config, Inputs> {
  /** As it stands in the key: plain, frozen, without `undefined` and -0. */
  readonly config: Config
  /** 0 where the step was given none. */
  readonly seed: number
  readonly inputs: Inputs
  readonly signal: AbortSignal | undefined
  /** How much of it is done, from 0 to 1. */
  onProgress(share: number): void
}

/** How a step's value is stored. */
export interface StepCodec<Value> {
  /** Numbers in `json` must be finite. */
  pack(value: Value): StepValue
  unpack(stored: StepValue): Value
}

/** A pure function of its settings, its seed and its inputs. */
export interface StepKind<Config, Inputs, Value> {
  /** Kebab-case behind the kind of data: `text/vocabulary`. */
  readonly id: string
  /** What it makes, for people. */
  readonly title: string
  /** Raised whenever the same task would give other bytes. */
  readonly version: number
  /** null for what is made as quickly as it would be read: it is never stored. */
  readonly codec: StepCodec<Value> | null
  run(task: StepTask<Config, Inputs>): Promise<Value> | Value
}

export function defineStep<Config, Inputs, Value>(
  kind: StepKind<Config, Inputs, Value>,
): StepKind<Config, Inputs, Value> {
  return kind
}

/** Plain JSON as it is. */
export function jsonCodec<Value>(): StepCodec<Value> {
  return { pack: (json) => ({ json, arrays: {} }), unpack: ({ json }) => json as Value }
}
