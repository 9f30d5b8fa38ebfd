/** Sizes of one convolution with the same numbers down and across, and `padding` zeros on each side. */
export interface ConvCase {
  batchSize: number
  height: number
  width: number
  channels: number
  outChannels: number
  kernel: readonly [number, number]
  stride: number
  padding: number
  dilation: number
  groups: number
}

export function outSizes({ height, width, kernel, stride, padding, dilation }: ConvCase): [number, number] {
  const size = (length: number, taps: number): number =>
    Math.floor((length + 2 * padding - (taps - 1) * dilation - 1) / stride) + 1
  return [size(height, kernel[0]), size(width, kernel[1])]
}

/** The sum over taps and channels, one number at a time: [B, out height, out width, out]. */
export function convReference(
  conv: ConvCase,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number> | null,
): number[] {
  const { batchSize, height, width, channels, outChannels, kernel, stride, padding, dilation, groups } = conv
  const [outHeight, outWidth] = outSizes(conv)
  const [ins, outs] = [channels / groups, outChannels / groups]
  const result: number[] = []
  for (let b = 0; b < batchSize; b++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let o = 0; o < outChannels; o++) {
          let sum = bias?.[o] ?? 0
          for (let i = 0; i < kernel[0]; i++) {
            for (let j = 0; j < kernel[1]; j++) {
              const y = oy * stride + i * dilation - padding
              const column = ox * stride + j * dilation - padding
              if (y < 0 || y >= height || column < 0 || column >= width) continue
              for (let c = 0; c < ins; c++) {
                const channel = Math.floor(o / outs) * ins + c
                const value = x[((b * height + y) * width + column) * channels + channel]!
                sum += value * weight[((i * kernel[1] + j) * ins + c) * outChannels + o]!
              }
            }
          }
          result.push(sum)
        }
      }
    }
  }
  return result
}
