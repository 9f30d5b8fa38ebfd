import { neg, reshape, sum, type Tensor1D, type Tensor2D, type Tensor3D } from '../../backend/tfjs.ts'
import { ratio } from './ratio.ts'
import { countedRows, rowCrossEntropy } from './rowCrossEntropy.ts'

/**
 * log p of each sequence's targets: the sum, or the mean, over the positions that count; 0 where none does.
 * @param logits [B, S, V]
 * @param targets int32 [B, S]
 * @returns [B]
 */
export function sequenceLogProbabilities(
  logits: Tensor3D,
  targets: Tensor2D,
  { isMean }: { isMean: boolean },
): Tensor1D {
  const [batchSize, seqLen, vocabSize] = logits.shape
  const flat: Tensor1D = reshape(targets, [-1])
  const rows = rowCrossEntropy(reshape(logits, [-1, vocabSize]), flat, {
    labelSmoothing: 0,
    classWeights: null,
  })
  const total: Tensor1D = neg(sum(reshape(rows, [batchSize, seqLen]), 1))
  return isMean ? ratio(total, sum(reshape(countedRows(flat), [batchSize, seqLen]), 1)) : total
}
