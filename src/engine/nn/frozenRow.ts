import { customGrad, mul, tensor2d, type Tensor, type Tensor2D } from '../backend/tfjs.ts'

/** The same table [V, D], of which one row (padding, say) gets no gradient. */
export function frozenRow(table: Tensor2D, row: number): Tensor2D {
  return customGrad((input) => {
    const same = input as Tensor2D
    const [rows] = same.shape
    const mask = Float32Array.from({ length: rows }, (_, i) => (i === row ? 0 : 1))
    return { value: same.clone(), gradFunc: (dy: Tensor) => mul(dy, tensor2d(mask, [rows, 1])) }
  })(table) as Tensor2D
}
