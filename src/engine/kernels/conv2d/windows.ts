import { ShapeError } from '../../../core/errors.ts'
import type { Tensor4D } from '../../backend/tfjs.ts'
import type { Unfolding } from '../matmul/unfolding.ts'

/**
 * Zeros around an image: none; as many as keep ceil(size / stride) windows, the odd one below and to the right, as
 * TensorFlow (PyTorch's padding of k // 2 differs where the stride is above 1); or so many on each side.
 */
export type Padding =
  | 'valid'
  | 'same'
  | { readonly top: number; readonly bottom: number; readonly left: number; readonly right: number }

/** Where windows lie. Pairs are [down, across]. */
export interface WindowOptions {
  readonly stride: readonly [number, number]
  readonly padding: Padding
  readonly dilation: readonly [number, number]
}

export const everyPlace: WindowOptions = { stride: [1, 1], padding: 'valid', dilation: [1, 1] }

/** Windows and how many columns and rows of zeros come after the image, where twins need them. */
export interface Windows {
  readonly unfolding: Unfolding
  readonly after: readonly [number, number]
}

/**
 * The windows of `kernel` rows and columns over images [B, height, width, channels].
 * @throws ShapeError where a number is no whole one, or where an image is smaller than a window
 */
export function windowsOver(
  where: string,
  x: Tensor4D,
  kernel: readonly [number, number],
  { stride, padding, dilation }: WindowOptions,
): Windows {
  const [, height, width, channels] = x.shape
  for (const [name, pair] of Object.entries({ kernel, stride, dilation })) checkPair(where, name, pair)
  const axes = [height, width].map((size, axis) => {
    const reach = (kernel[axis]! - 1) * dilation[axis]! + 1
    const [before, after] = zerosAround(padding, axis, { size, reach, stride: stride[axis]! })
    if (![before, after].every((zeros) => Number.isInteger(zeros) && zeros >= 0)) {
      throw new ShapeError(`${where}: padding must be whole numbers from 0, got ${before} and ${after}`, {
        code: 'conv-padding',
      })
    }
    const room = size + before + after
    if (room < reach) {
      const what = axis === 0 ? 'rows' : 'columns'
      throw new ShapeError(
        `${where}: images must have at least ${reach} ${what} with their padding, got ${room}`,
        {
          code: 'conv-size',
          remedy: 'Use larger images, a smaller kernel or dilation, or padding "same".',
        },
      )
    }
    return { before, after, out: Math.floor((room - reach) / stride[axis]!) + 1 }
  })
  const [down, across] = axes as [(typeof axes)[0], (typeof axes)[0]]
  return {
    unfolding: {
      height,
      width,
      channels,
      outHeight: down.out,
      outWidth: across.out,
      kernel,
      stride,
      dilation,
      before: [down.before, across.before],
    },
    after: [down.after, across.after],
  }
}

function zerosAround(
  padding: Padding,
  axis: number,
  { size, reach, stride }: { size: number; reach: number; stride: number },
): [number, number] {
  if (padding === 'valid') return [0, 0]
  if (padding === 'same') {
    const total = Math.max((Math.ceil(size / stride) - 1) * stride + reach - size, 0)
    return [Math.floor(total / 2), Math.ceil(total / 2)]
  }
  return axis === 0 ? [padding.top, padding.bottom] : [padding.left, padding.right]
}

function checkPair(where: string, name: string, pair: readonly number[]): void {
  if (pair.every((size) => Number.isInteger(size) && size >= 1)) return
  throw new ShapeError(`${where}: ${name} must be whole numbers from 1, got ${pair.join(' and ')}`, {
    code: 'conv-window',
  })
}
