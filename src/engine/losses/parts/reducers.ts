import type { Fields } from '../../../core/schema.ts'
import {
  cast,
  greater,
  logicalAnd,
  sum,
  where,
  zerosLike,
  type Scalar,
  type Tensor,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'

/** Settings of what is divided by. */
export const reducerFields = {
  reducer: {
    type: 'choice',
    label: 'Mean over',
    help: 'Leaving out what has no loss any more keeps gradients large as most come to that.',
    default: 'mean',
    options: [
      { value: 'mean', label: 'All that counts' },
      { value: 'avg-nonzero', label: 'What has a loss above 0' },
    ],
  },
} as const satisfies Fields

export type Reducer = (typeof reducerFields.reducer.options)[number]['value']

/**
 * Sum of the values that the mask holds, and how many of them count; 0, without a gradient, where it holds none.
 * @param mask bool, of the shape of the values
 */
export function sumWhere(
  values: Tensor,
  mask: Tensor,
  reducer: Reducer,
): { readonly total: Scalar; readonly count: Scalar } {
  const counted = reducer === 'mean' ? mask : offTape(() => logicalAnd(mask, greater(values, 0)))
  return {
    total: sum(where(counted, values, zerosLike(values))),
    count: sum(cast(counted, 'float32')),
  }
}
