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
  type Tensor,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import { l2Normalize } from '../../kernels/l2Normalize/l2Normalize.ts'
import { linear } from '../../kernels/linear/linear.ts'
import { rowScores } from '../../kernels/linear/rowScores.ts'
import { diagonal } from './labelPairs.ts'

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

/** @returns [N, N]: how far every two of the rows [N, D] are apart; 0 for equal ones, with a slope of 0 */
export function pairDistances(rows: Tensor2D, { distance, isNormalized }: Distance): Tensor2D {
  const z = isNormalized || distance === 'cosine' ? l2Normalize(rows) : rows
  if (distance === 'cosine') return sub(1, rowScores(z, z))
  return distance === 'euclidean' ? safeSqrt(squaredDistances(z)) : squaredDistances(z)
}

/** The root, with a slope of 0 where x is 0. */
export function safeSqrt<T extends Tensor>(x: T): T {
  const isThere = offTape(() => greater(x, 0))
  return where(isThere, sqrt(where(isThere, x, onesLike(x))), zerosLike(x)) as T
}

/**
 * |z_i|² + |z_j|² - 2 z_i · z_j, where the squares are taken from the same product: equal rows are 0 apart, to the bit. The
 * gradient is made from the rows' differences, and not from the three terms.
 */
const squaredDistances = customGrad((x: Tensor | ((tensors: Tensor[]) => void), save) => {
  const z = x as Tensor2D
  ;(save as (tensors: Tensor[]) => void)([z])
  const products = rowScores(z, z)
  const squares = sum(where(diagonal(z.shape[0]), products, zerosLike(products)), 1)
  const apart = sub(add(expandDims(squares, 1), expandDims(squares, 0)), mul(products, 2))
  return {
    value: relu(apart),
    gradFunc(dy: Tensor, [saved]: Tensor[]) {
      const rows = saved as Tensor2D
      const slopes = mul(add(dy, transpose(dy)), 2) as Tensor2D
      return sub(mul(rows, sum(slopes, 1, true)), linear(slopes, rows, null))
    },
  }
}) as (z: Tensor2D) => Tensor2D
