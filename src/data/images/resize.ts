export interface Extent {
  readonly height: number
  readonly width: number
  readonly channels: number
}

/** What sums of shares may lack of a half that they should be. */
const rounding = 1e-9

/** Which old pixels a new one covers, and how much of each. */
interface Coverage {
  readonly first: number
  readonly weights: Float64Array
}

/**
 * An image at another size: each new pixel is the mean of what it covers of the old ones (area averaging), which for larger
 * sizes repeats pixels. Rounds half up, so that every machine gives the same bytes.
 *
 * @param pixels [height, width, channels]
 */
export function resize(pixels: Uint8Array, from: Extent, to: Pick<Extent, 'height' | 'width'>): Uint8Array {
  const { channels } = from
  const rows = coverage(from.height, to.height)
  const columns = coverage(from.width, to.width)
  const out = new Uint8Array(to.height * to.width * channels)
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        row.weights.forEach((ofRow, dy) => {
          column.weights.forEach((ofColumn, dx) => {
            const at = ((row.first + dy) * from.width + column.first + dx) * channels + channel
            sum += ofRow * ofColumn * pixels[at]!
          })
        })
        out[(y * to.width + x) * channels + channel] = Math.floor(sum + 0.5 + rounding)
      }
    })
  })
  return out
}

function coverage(from: number, to: number): Coverage[] {
  const step = from / to
  return Array.from({ length: to }, (_, i) => {
    const start = i * step
    const end = Math.min(from, start + step)
    const first = Math.min(from - 1, Math.floor(start))
    const last = Math.max(first, Math.ceil(end - 1e-9) - 1)
    const weights = Float64Array.from({ length: last - first + 1 }, (_, k) => {
      const place = first + k
      return Math.max(0, Math.min(end, place + 1) - Math.max(start, place)) / (end - start)
    })
    return { first, weights }
  })
}

/** Luma of red, green and blue (ITU-R BT.601), as an image of one channel. */
export function toGrey(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array(pixels.length / 3)
  for (let i = 0; i < out.length; i++)
    out[i] = Math.floor(
      0.299 * pixels[3 * i]! + 0.587 * pixels[3 * i + 1]! + 0.114 * pixels[3 * i + 2]! + 0.5,
    )
  return out
}
