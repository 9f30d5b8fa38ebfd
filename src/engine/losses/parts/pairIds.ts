import type { SimilarityIds } from '../../kernels/similarity/pairOptions.ts'
import type { Pairs } from '../lossInputs.ts'

/** Who belongs together among the rows of `a` and those of `b`: equal ids, or row i with row i. */
export function pairIds({ a, ids }: Pairs): SimilarityIds {
  return ids === null ? a.shape[0] : { rows: ids, columns: ids }
}
