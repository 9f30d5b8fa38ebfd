import {
  add,
  fill,
  logSoftmax,
  mul,
  neg,
  notEqual,
  scalar,
  sum,
  where,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import { oneHot } from '../../kernels/oneHot.ts'
import { ignoredTarget } from '../lossInputs.ts'

export interface RowCrossEntropyOptions {
  /** e: share of the target that is spread over all classes. */
  readonly labelSmoothing: number
  /** [C]: how much each class counts; null for 1. */
  readonly classWeights: Tensor1D | null
}

/** 1 for rows whose target counts, else 0: [N]. */
export function countedRows(targets: Tensor1D): Tensor1D {
  const { size } = targets
  return offTape(() => {
    const isCounted = notEqual(targets, scalar(ignoredTarget, 'int32'))
    return where(isCounted, fill([size], 1), fill([size], 0)) as Tensor1D
  })
}

/** w_y of each row, 0 for rows that do not count: [N]. */
export function rowWeights(targets: Tensor1D, classWeights: Tensor1D | null): Tensor1D {
  if (classWeights === null) return countedRows(targets)
  return offTape(() => sum(mul(oneHot(targets, classWeights.size), classWeights), 1))
}

/**
 * Cross-entropy of each row, as torch: (1 - e)·w_y·(-log p_y) + e/C·Σ_c w_c·(-log p_c); 0 where the target is ignored.
 * @param logits [N, C]
 * @param targets int32 [N]
 * @returns [N]
 */
export function rowCrossEntropy(
  logits: Tensor2D,
  targets: Tensor1D,
  { labelSmoothing, classWeights }: RowCrossEntropyOptions,
): Tensor1D {
  const classes = logits.shape[1]
  const weighted = offTape((): Tensor => {
    const hard = mul(oneHot(targets, classes), 1 - labelSmoothing)
    const wanted = labelSmoothing === 0 ? hard : add(hard, labelSmoothing / classes)
    return classWeights === null ? wanted : mul(wanted, classWeights)
  })
  return mul(neg(sum(mul(weighted, logSoftmax(logits)), 1)), countedRows(targets))
}
