import { ShapeError } from '../../core/errors.ts'
import type { Tensor } from '../backend/tfjs.ts'

/** @throws ShapeError unless `tensor` has this dtype and shape; null in `shape` stands for any size. */
export function checkTensor(
  where: string,
  tensor: Tensor,
  shape: readonly (number | null)[],
  dtype: 'float32' | 'int32' = 'float32',
): void {
  const fits =
    tensor.shape.length === shape.length &&
    shape.every((size, axis) => size === null || size === tensor.shape[axis])
  if (fits && tensor.dtype === dtype) return
  const wanted = shape.map((size) => size ?? '*').join(', ')
  throw new ShapeError(
    `${where}: must be ${dtype} [${wanted}], got ${tensor.dtype} [${tensor.shape.join(', ')}]`,
    { code: 'shape', details: { where, got: tensor.shape.join('x'), dtype: tensor.dtype } },
  )
}

/** @throws ShapeError unless both have the same shape. */
export function checkSameShape(where: string, a: Tensor, b: Tensor): void {
  checkTensor(where, b, a.shape)
}
