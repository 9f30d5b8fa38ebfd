import type { NamedArray, Picture } from '../reading/held.ts'

export interface Frame {
  readonly height: number
  readonly width: number
  /** 1 grey, 3 colours, 4 with alpha. */
  readonly channels: number
  /** Whether channels come before height and width, as PyTorch has them. */
  readonly isChannelsFirst: boolean
}

/** How values become bytes: `round((value - low) * factor)`. */
export interface Scale {
  readonly low: number
  readonly factor: number
  /** What was assumed, in words; null for bytes as they are. */
  readonly words: string | null
}

/** From the smallest and the largest value of all arrays together. */
export function scaleOf(arrays: readonly NamedArray[]): Scale {
  if (
    arrays.every(({ values }) => values instanceof Uint8Array) &&
    arrays.some(({ values }) => maxOf(values) > 1)
  )
    return { low: 0, factor: 1, words: null }
  const low = Math.min(0, ...arrays.map(({ values }) => -maxOf(values, -1)))
  const high = Math.max(...arrays.map(({ values }) => maxOf(values)))
  if (low >= 0 && high > 127 && high <= 255) return { low: 0, factor: 1, words: null }
  const [from, to] = low >= 0 && high <= 1 ? [0, 1] : low >= -1 && high <= 1 ? [-1, 1] : [low, high]
  const factor = to > from ? 255 / (to - from) : 0
  return { low: from, factor, words: `values from ${round(from)} to ${round(to)} were brought to 0 to 255` }
}

const round = (value: number) => Number(value.toPrecision(4))

/** The largest of the finite values times `sign`; 0 where there is none. */
function maxOf(values: NamedArray['values'], sign = 1): number {
  let most = -Infinity
  for (let i = 0; i < values.length; i++) {
    const value = sign * Number(values[i])
    if (value > most && value < Infinity) most = value
  }
  return most === -Infinity ? 0 : most
}

/** How many values are no numbers, or infinite. */
export function countOdd({ values }: NamedArray): number {
  let odd = 0
  if (values instanceof Float32Array || values instanceof Float64Array)
    for (const value of values) if (!Number.isFinite(value)) odd++
  return odd
}

/** The `index`-th picture of an array. What is transparent is laid over white; what is no number is the lowest value. */
export function pictureAt({ values }: NamedArray, index: number, frame: Frame, scale: Scale): Picture {
  const { height, width, channels, isChannelsFirst } = frame
  const size = height * width
  const start = index * size * channels
  const byte = (pixel: number, channel: number) => {
    const at = isChannelsFirst ? channel * size + pixel : pixel * channels + channel
    const value = (Number(values[start + at]) - scale.low) * scale.factor
    return value > 0 ? Math.min(255, Math.round(value)) : 0
  }
  const colors = channels === 1 ? 1 : 3
  const pixels = new Uint8Array(size * colors)
  for (let pixel = 0; pixel < size; pixel++) {
    const alpha = channels === 4 ? byte(pixel, 3) : 255
    for (let color = 0; color < colors; color++)
      pixels[pixel * colors + color] = Math.round((byte(pixel, color) * alpha + 255 * (255 - alpha)) / 255)
  }
  return { height, width, channels: colors, pixels }
}

/**
 * What an array of this shape is pictures of, past its first axis; null where it is none. Bytes in rows are pictures where
 * their number is a square, or three, as MNIST and CIFAR come.
 */
export function frameOf({ shape, values }: NamedArray): Frame | null {
  const isChannels = (size: number | undefined) => size === 1 || size === 3 || size === 4
  const [, a = 0, b = 0, c = 0] = shape
  if (shape.some((size) => size === 0)) return null
  if (shape.length === 4) {
    if (isChannels(c)) return { height: a, width: b, channels: c, isChannelsFirst: false }
    return isChannels(a) ? { height: b, width: c, channels: a, isChannelsFirst: true } : null
  }
  if (shape.length === 3) return { height: a, width: b, channels: 1, isChannelsFirst: false }
  if (shape.length !== 2 || !(values instanceof Uint8Array) || a < 64) return null
  for (const channels of [1, 3]) {
    const side = Math.sqrt(a / channels)
    if (Number.isInteger(side)) return { height: side, width: side, channels, isChannelsFirst: channels > 1 }
  }
  return null
}
