import { DataError } from '../../core/errors.ts'
import { ignoredTarget } from '../losses/lossInputs.ts'

/** Token sequences and what follows each token. */
export interface Batch {
  /** [batchSize * seqLen], sequence after sequence. */
  readonly inputs: Int32Array
  /** The same size; -1 where there is nothing to predict. */
  readonly targets: Int32Array
  readonly batchSize: number
  readonly seqLen: number
}

export interface StepRequest {
  /** Updates finished before this one, over all stages. */
  readonly step: number
  /** The same within the stage. */
  readonly stageStep: number
  /** As many as the stage's accumulationSteps, all of one size. */
  readonly batches: readonly Batch[]
  /** What the schedule gives for this update. */
  readonly learningRate: number
}

/**
 * Refuses what a kernel would read out of bounds: arrays of another size than [batchSize * seqLen], tokens outside
 * 0..vocabSize-1, targets outside -1..vocabSize-1. Throws `batch-size` and `token-range`.
 */
export function checkBatch({ inputs, targets, batchSize, seqLen }: Batch, vocabSize: number): void {
  const size = batchSize * seqLen
  if (inputs.length !== size || targets.length !== size || size === 0) {
    throw new DataError(
      `Batch: must hold ${batchSize} * ${seqLen} tokens and targets, got ${inputs.length} and ${targets.length}`,
      { code: 'batch-size' },
    )
  }
  const badInput = inputs.findIndex((id) => id < 0 || id >= vocabSize)
  const badTarget = targets.findIndex((id) => id < ignoredTarget || id >= vocabSize)
  if (badInput === -1 && badTarget === -1) return
  const [what, lowest, got] =
    badInput >= 0 ? ['tokens', 0, inputs[badInput]!] : ['targets', ignoredTarget, targets[badTarget]!]
  throw new DataError(`Batch: ${what} must be between ${lowest} and ${vocabSize - 1}, got ${got}`, {
    code: 'token-range',
    remedy: 'The data were cut into tokens by another tokenizer than the model’s: prepare them again.',
  })
}

/**
 * What each batch counts in the mean over all positions with a target: equal shares for batches without ignored
 * targets. This makes accumulated gradients those of the one big batch. Throws `no-targets` when nothing counts.
 */
export function shareOfEach(batches: readonly Batch[]): number[] {
  const counts = batches.map(({ targets }) =>
    targets.reduce((sum, id) => sum + (id === ignoredTarget ? 0 : 1), 0),
  )
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) {
    throw new DataError(
      `Batch: some position must have a target, got ${batches.length} batches without any`,
      {
        code: 'no-targets',
      },
    )
  }
  return counts.map((count) => count / total)
}
