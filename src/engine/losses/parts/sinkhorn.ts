import { offTape } from '../../backend/offTape.ts'
import { div, exp, logSumExp, sub, type Tensor2D } from '../../backend/tfjs.ts'

export interface SinkhornOptions {
  readonly iterations: number
  /** Softness: what scores are divided by. */
  readonly epsilon: number
}

/**
 * Codes that share the samples evenly among the prototypes (Cuturi 2013, Caron et al. 2020): exp(scores / epsilon) whose
 * columns and rows are brought to equal sums in turn, the rows last. In logarithms, so that nothing overflows. No gradient.
 * @param scores [B, K]
 * @returns [B, K], rows of sum 1
 */
export function sinkhorn(scores: Tensor2D, { iterations, epsilon }: SinkhornOptions): Tensor2D {
  return offTape(() => {
    let logs: Tensor2D = div(scores, epsilon)
    for (let iteration = 0; iteration < iterations; iteration++) {
      logs = sub(logs, logSumExp(logs, 0, true))
      logs = sub(logs, logSumExp(logs, 1, true))
    }
    return exp(logs)
  })
}
