import type { KeptBatch } from '../../src/core/taskView.ts'
import type { Batch } from '../../src/engine/training/trainSession.ts'

/** Sequences of tokens and what follows each, row after row. */
export interface TokenBatch {
  readonly ids: Int32Array
  readonly targets: Int32Array
  readonly batchSize: number
}

/** A batch as a language model takes it. */
export function tokenBatch({ ids, targets, batchSize }: TokenBatch): Batch {
  return { arrays: { ids, targets }, batchSize }
}

/** The sequences of a language model's batch. */
export function tokensOfBatch({ arrays, batchSize }: Batch): TokenBatch & { readonly seqLen: number } {
  const { ids, targets } = arrays as { ids: Int32Array; targets: Int32Array }
  return { ids, targets, batchSize, seqLen: ids.length / batchSize }
}

const refuse = () => Promise.reject(new Error('not asked for'))

/** What a fake session of a language model whose weights all learn is never asked for. */
export const plainSession = { phaseStart: 0, nextOfEach: refuse, attentionOfEach: refuse, scoresAt: refuse }

/** What training data answers where no test looks at an item. */
export const dataWithoutItems = {
  trainItems: (): Pick<KeptBatch, 'of' | 'places'> => ({ of: 'items', places: [] }),
  trainItem: () => null,
  validationItem: () => null,
}
