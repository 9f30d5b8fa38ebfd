import type { Fields } from '../../../core/schema.ts'
import {
  add,
  customGrad,
  expandDims,
  greater,
  mul,
  onesLike,
  relu,
  sqrt,
  sub,
  sum,
  transpose,
  where,
  zerosLike,
  type GradSaveFunc,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import { l2Normalize } from '../../kernels/l2Normalize/l2Normalize.ts'
import { linear } from '../../kernels/linear/linear.ts'
import { rowScores } from '../../kernels/linear/rowScores.ts'
import type { RowChunk } from '../../kernels/rowChunks.ts'
import { diagonal } from './labelPairs.ts'
import { eachBlock, rowsIn } from './rowBlocks.ts'

/** Settings of how far two rows are apart. */
export const distanceFields = {
  distance: {
    type: 'choice',
    label: 'Distance',
    help: 'How far two rows are apart.',
    default: 'euclidean',
    options: [
      { value: 'euclidean', label: 'Euclidean' },
      { value: 'squared-euclidean', label: 'Squared Euclidean' },
      { value: 'cosine', label: 'Cosine', help: '1 − cos, whatever their lengths.' },
    ],
  },
  isNormalized: {
    type: 'bool',
    label: 'Normalise',
    help: 'Compares directions only: rows are divided by their length first.',
    default: true,
  },
} as const satisfies Fields

export interface Distance {
  readonly distance: (typeof distanceFields.distance.options)[number]['value']
  readonly isNormalized: boolean
}

/** Rows as they are compared, and how far they are apart. */
export interface RowDistances {
  /** [N, D] */
  readonly z: Tensor2D
  /**
   * How far the rows of a block are from all; 0 for equal ones, with a slope of 0.
   * @param rows [C, D], those of the block
   * @param columns [N, D], all
   * @returns [C, N]
   */
  between(rows: Tensor2D, columns: Tensor2D, block: RowChunk): Tensor2D
}

/** @param embeddings [N, D] */
export function distancesOf(embeddings: Tensor2D, { distance, isNormalized }: Distance): RowDistances {
  const z = isNormalized || distance === 'cosine' ? l2Normalize(embeddings) : embeddings
  if (distance === 'cosine') return { z, between: (rows, columns) => sub(1, rowScores(rows, columns)) }
  const squares = squaresOf(z)
  const squared: RowDistances['between'] = (rows, columns, block) =>
    squaredDistances(rows, columns, [rowsIn(squares, block), squares])
  return { z, between: distance === 'euclidean' ? (...of) => safeSqrt(squared(...of)) : squared }
}

/** The root, with a slope of 0 where x is 0. */
export function safeSqrt<T extends Tensor>(x: T): T {
  const isThere = offTape(() => greater(x, 0))
  return where(isThere, sqrt(where(isThere, x, onesLike(x))), zerosLike(x)) as T
}

/**
 * [N]: |z_i|², without a gradient, from the products that distances are made of: equal rows are 0 apart, to the bit.
 */
function squaresOf(z: Tensor2D): Tensor1D {
  const count = z.shape[0]
  return eachBlock([count, count], (block): Tensor1D => {
    const products = rowScores(rowsIn(z, block), z)
    return sum(where(diagonal(count, block), products, zerosLike(products)), 1)
  })
}

/** |x_i|² + |y_j|² - 2 x_i · y_j, given the squares. The gradient is made from differences, and not from the three terms. */
function squaredDistances(
  rows: Tensor2D,
  columns: Tensor2D,
  [rowSquares, columnSquares]: readonly [Tensor1D, Tensor1D],
): Tensor2D {
  return customGrad((x, y, saver) => {
    const save = saver as GradSaveFunc
    const [xs, ys] = [x as Tensor2D, y as Tensor2D]
    save([xs, ys])
    const apart = sub(add(expandDims(rowSquares, 1), expandDims(columnSquares, 0)), mul(rowScores(xs, ys), 2))
    return {
      value: relu(apart),
      gradFunc(dy: Tensor, saved: Tensor[]) {
        const [a, b] = saved as [Tensor2D, Tensor2D]
        const slopes = mul(dy, 2) as Tensor2D
        const across: Tensor2D = transpose(slopes)
        return [
          sub(mul(a, sum(slopes, 1, true)), linear(slopes, b, null)),
          sub(mul(b, sum(across, 1, true)), linear(across, a, null)),
        ]
      },
    }
  })(rows, columns) as Tensor2D
}
