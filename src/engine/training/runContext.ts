import type { DataFacts } from '../../core/dataFacts.ts'
import type { RunConfig, StageConfig, UpdatePlace } from '../../core/runConfig.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import type { LiveSetting } from './liveEdits.ts'
import type { MeasuredKernels } from './measuredKernels.ts'
import type { ItemView, KeptBatch } from '../../core/taskView.ts'
import type { Batch, TrainSession } from './trainSession.ts'
import type { RunHistory } from './notices/history.ts'
import type { Neighbours } from './neighbours.ts'
import type { TowerProgress } from './towerBalance.ts'
import type { TrainEvent } from './types.ts'

/** What a run needs of its data. Every batch is a pure function of its arguments, so a resumed run sees the same. */
export interface RunData {
  readonly facts: DataFacts
  /** Batch `microStep` of an update. */
  trainBatch(
    request: UpdatePlace & {
      readonly microStep: number
      readonly accumulationSteps: number
      readonly batchSize: number
      /** What the run found last; null, or left out, before it looked. */
      readonly neighbours?: Neighbours | null
    },
  ): Batch
  /** Where batches are made of items that the model takes for alike: how to look for these. Left out where not. */
  readonly refresh?: NeighbourSearch | null
  /** What an update learns from: the same that its batches hold. */
  trainItems(
    request: UpdatePlace & {
      readonly accumulationSteps: number
      readonly batchSize: number
      readonly neighbours?: Neighbours | null
    },
  ): Pick<KeptBatch, 'of' | 'places'>
  /** One of those as people see it, and what is right for it; null where there is nothing to see. */
  trainItem(place: number): { readonly view: ItemView; readonly target: string | null } | null
  /** How many batches make a validation, of at most so many; with `Infinity`, of all. */
  validationBatches(request: { batchSize: number; most: number }): number
  /** Fixed batches for validation; `index` from 0 to below `count`. */
  validationBatch(request: { index: number; count: number; batchSize: number }): Batch
  /** An item of the validation part as people see it; null where there is nothing to see. */
  validationItem(place: number): ItemView | null
  /** What writing needs, and whoever shows tokens as people read them; null where there are none to show. */
  readonly text: TextCoding | null
}

export interface NeighbourSearch {
  /** Updates of the run after which it is done anew. */
  readonly every: number
  /** How many are kept of each item. */
  readonly neighbours: number
  /** Items of the training part. */
  readonly count: number
  /** Items of the training part as they are, without augmentation. */
  batch(places: Int32Array): Pick<Batch, 'arrays'>
}

export interface TextCoding {
  encode(text: string): number[]
  decode(tokens: readonly number[]): string
  /** What a sample starts from when the prompt is empty. */
  readonly startToken: number
}

/** A change made by hand while the run went on; replayed by a resumed run. */
export interface LiveEdit {
  /** Finished updates when it came into force. */
  step: number
  setting: LiveSetting
  value: number
}

/** All of a run that is not tensors: saved with a checkpoint, enough to go on as if never interrupted. */
export interface RunProgress {
  /** Finished updates over all stages. */
  step: number
  stageIndex: number
  /** Finished updates of this stage. */
  stageStep: number
  elapsedMs: number
  best: { metric: string; value: number; step: number } | null
  /** Evaluations since the best, for early stopping. */
  evaluationsSinceBest: number
  edits: LiveEdit[]
  /** Last value of each metric. */
  latest: Record<string, number>
  /** null where the table decides, and before they were measured. */
  kernels: MeasuredKernels | null
  /** null where the stage does not balance towers, and before its first update. */
  towers: TowerProgress | null
  /** null where batches do not depend on them, and before they were first looked for. */
  neighbours: Neighbours | null
}

/** What a person asked for while the run goes on; the loop looks at it between updates. */
export interface LiveControls {
  learningRate: number | null
  /** By the place of the loss in its stage. */
  lossWeights?: Map<number, number>
  demands: Set<'evaluate' | 'sample' | 'checkpoint' | 'profile'>
}

/** What the place that runs the trainer provides: a worker, or Node. */
export interface TrainHost {
  /** Milliseconds on a monotonic clock: for speeds and for when to keep something, never for what decides a number. */
  now(): number
  /** null: it could not be kept, the host has said why, and the run goes on. */
  saveCheckpoint(request: {
    slot: 'latest' | 'best'
    progress: RunProgress
    tensors: NamedTensors
  }): Promise<{ sizeBytes: number } | null>
  /** The run's best checkpoint, of a session before this one, say; null where none is kept. */
  loadBest(): Promise<{ readonly step: number; readonly tensors: NamedTensors } | null>
}

export interface RunContext {
  readonly config: RunConfig
  readonly session: TrainSession
  readonly data: RunData
  readonly host: TrainHost
  readonly progress: RunProgress
  readonly controls: LiveControls
  readonly stage: StageConfig
  readonly isEndOfStage: boolean
  readonly isEndOfRun: boolean
  /** When the latest state was last kept (the run's start, before that), and how long that took; by the host's clock. */
  readonly lastKept: { atMs: number; tookMs: number }
  /** What this stage told, and which notices the run had. */
  readonly history: RunHistory
  readonly said: Set<string>
  /** Tensors of the best checkpoint of this session, where a stage may go back to them. */
  readonly kept: { best: { readonly step: number; readonly tensors: NamedTensors } | null }
  /** Set by an evaluation of this step, for the hooks after it. */
  evaluation: Record<string, number> | null
  /** Ends the stage after this step, with the reason for people. */
  stopReason: string | null
}

/** Everything that is not the step itself, run after each update in a fixed order. One file each. */
export interface Hook {
  readonly name: string
  /** Cheap: whether there is anything to do after this update. */
  isDue(context: RunContext): boolean
  run(context: RunContext): AsyncGenerator<TrainEvent>
}
