import { ShapeError } from '../../core/errors.ts'
import { elementCount } from '../../core/hostTensor.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import type { TensorData } from './tfjsInternals.ts'

/** How a buffer holds the numbers of a float32 tensor; arithmetic is f32 either way. */
export type StoredType = 'f32' | 'f16'

/** Bytes of a buffer of f16: bindings and copies are multiples of 4. */
export function halfBytes(shape: readonly number[]): number {
  return Math.ceil(elementCount(shape) / 2) * 4
}

/** What a buffer of f16 holds. */
export function fromHalf(bytes: ArrayBuffer, shape: readonly number[]): Float32Array {
  const data = new Uint16Array(bytes, 0, elementCount(shape))
  return toFloat32({ dtype: 'float16', shape: [...shape], data })
}

/**
 * tfjs's cast of bools and int32 to float32 leaves the bits as they are, which only its own programs know of.
 * @throws ShapeError `cast-bits`
 */
export function refuseCastBits(name: string, dtype: string, { dtype: stored, shape }: TensorData): void {
  if (dtype !== 'float32' || stored === 'float32') return
  throw new ShapeError(
    `“${name}”: must be given float32, got [${shape.join(', ')}] with the bits of ${stored}`,
    {
      code: 'cast-bits',
      remedy: 'Choose the numbers with `where` instead of casting them.',
      details: { name, shape: shape.join('x'), stored },
    },
  )
}

/** @throws ShapeError `half-precision` */
export function refuseHalf(name: string, { isHalf, shape }: TensorData): void {
  if (isHalf !== true) return
  throw new ShapeError(`“${name}”: must be given 32-bit numbers, got [${shape.join(', ')}] stored as f16`, {
    code: 'half-precision',
    remedy: 'Choose 32-bit float as the stage’s precision.',
    details: { name, shape: shape.join('x') },
  })
}
