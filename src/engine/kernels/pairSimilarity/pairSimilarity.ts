import { div, mean, mul, sub, sum, tidy, type Rank, type Scalar, type Tensor2D } from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { bindings, constants, forEachRow, newTensor } from '../wgsl.ts'

export interface PairSimilarity {
  /** Mean of a_i · b_i. */
  readonly positive: Scalar
  /** Mean of a_i · b_j of all j but i; 0 for a single row. */
  readonly negative: Scalar
}

/**
 * How alike partners are, and other rows, in one pass and without the matrix of all products: Σ_ij a_i · b_j is the product
 * of the sums of rows. No gradient.
 * @param a, b float32 [B, D]
 * @throws ShapeError
 */
export function pairSimilarity(a: Tensor2D, b: Tensor2D): PairSimilarity {
  const [count, width] = a.shape
  checkTensor('pairSimilarity a', a, [count, width])
  checkTensor('pairSimilarity b', b, [count, width])
  const backend = fusedBackend('pairSimilarity', a, b)
  if (backend === null) return pairSimilarityTwin(a, b)
  const positive = newTensor<Rank.R0>(backend, [])
  const negative = newTensor<Rank.R0>(backend, [])
  backend.dispatch({
    key: `pairSimilarity ${count} ${width}`,
    wgsl: () =>
      bindings({ positive: 'f32', negative: 'f32' }, { a: 'f32', b: 'f32' }) +
      constants({ COUNT: count, WIDTH: width }) +
      `fn each_row(row: u32, lane: u32) {
  var partners = 0.0;
  var all = 0.0;
  for (var d = lane; d < WIDTH; d += LANES) {
    var sums = vec2<f32>();
    for (var i = 0u; i < COUNT; i++) {
      let x = a[i * WIDTH + d];
      let y = b[i * WIDTH + d];
      partners += x * y;
      sums += vec2<f32>(x, y);
    }
    all += sums.x * sums.y;
  }
  let partners_sum = row_sum(partners, lane);
  let all_sum = row_sum(all, lane);
  if (lane == 0u) {
    let count = f32(COUNT);
    positive[0] = partners_sum / count;
    negative[0] = (all_sum - partners_sum) / (count * max(1.0, count - 1.0));
  }
}
` +
      forEachRow(64, '1u'),
    writes: [positive, negative],
    reads: [a, b],
    grid: [1, 1, 1],
  })
  return { positive, negative }
}

/** The same of tfjs's operations. */
export function pairSimilarityTwin(a: Tensor2D, b: Tensor2D): PairSimilarity {
  const [count] = a.shape
  const positive = tidy(() => mean(sum(mul(a, b), 1)) as Scalar)
  const negative = tidy(() => {
    const all = sum(mul(sum(a, 0), sum(b, 0)))
    return div(sub(all, mul(positive, count)), count * Math.max(1, count - 1)) as Scalar
  })
  return { positive, negative }
}
