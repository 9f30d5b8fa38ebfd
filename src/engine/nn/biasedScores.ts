import { concat, ones, reshape, zeros, type Rank, type Tensor1D, type Tensor2D } from '../backend/tfjs.ts'

/**
 * Rows and a table whose products are x · tableᵀ + bias: the bias as a further column, which meets a 1, so that large
 * products can be made in parts as those without a bias are. Widths stay multiples of 4.
 * @param x [N, D] stored as f32
 * @param table [V, D]
 * @param bias [V]
 * @returns rows [N, D + 4] and table [V, D + 4]
 */
export function biasedScores(
  x: Tensor2D,
  table: Tensor2D,
  bias: Tensor1D,
): { readonly rows: Tensor2D; readonly table: Tensor2D } {
  const [count, vocabSize] = [x.shape[0], table.shape[0]]
  return {
    rows: concat([x, ones<Rank.R2>([count, 1]), zeros<Rank.R2>([count, 3])], 1),
    table: concat([table, reshape(bias, [vocabSize, 1]), zeros<Rank.R2>([vocabSize, 3])], 1),
  }
}
