import type { Batch } from '../../src/engine/training/trainSession.ts'
import type { BenchModel, Workload } from './models/benchModel.ts'

/** A step that has been submitted. */
export interface SubmittedStep {
  /** Waits for the loss before the update. */
  loss(): Promise<number>
}

/** An implementation of the training step, with its own weights on its own device. */
export interface Contender {
  readonly id: 'bunsen' | 'bunsen-tuned' | 'tfjs' | 'jax-js'
  readonly title: string
  /** Makes its backend the current one, with its own settings; called before every step. */
  activate(): Promise<void>
  /** What it does before its first step, which counts as a part of it: compiling, say. */
  prepare?(): Promise<void>
  /** Submits step `index` on its batch; returns when the host has done its part. */
  step(index: number, batch: Batch): SubmittedStep
  /** Waits until its device has nothing left to do. */
  sync(): Promise<void>
  dispose(): void
}

/** Makes a contender on an adapter of `gpu`. */
export type CreateContender = (options: {
  model: BenchModel
  workload: Workload
  gpu: GPU
}) => Promise<Contender>
