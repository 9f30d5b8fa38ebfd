import type { ImageSet } from '../../images/imageSet.ts'

/** Pictures are compared as squares of this side. */
const side = 16
/** Mean difference, in spreads, of small pictures whose means and spreads are equal. */
const mostDifference = 0.15
/** So little is noise, whatever the others are like. */
const surelyNoise = 0.02
/** Where so many others are about as like, likeness is the rule of the set: a copy is nearer than two fifths of the last of them. */
const alike = 5
const mostOfAlike = 0.4
/** A place is brighter than the next one by more than this; the noise of an even ground would draw its bits. */
const leastStep = 0.02
/** Less spread than this is a blank picture, which is like any other. */
const leastSpread = 0.02
/** Bits of a hash are cut to bands; pictures that share a band are compared with so many before them. */
const bands = 8
const mostCompared = 20
/** Where more share a band, as the empty edge of drawings, each is compared with so many on either side in the order of hashes. */
const window = 200

type Pictures = Pick<ImageSet, 'count' | 'height' | 'width' | 'channels' | 'pixels'>

/**
 * Pairs of pictures that are nearly the same: candidates share eight of the 64 bits of a difference hash (is a place brighter
 * than its right neighbour, on a grid of 8 × 9), then small pictures of the same mean and spread are compared pixel by
 * pixel, more strictly where many others are alike, as strokes of a pen are.
 */
export function nearImages(set: Pictures): { a: number; b: number }[] {
  const small = Array.from({ length: set.count }, (_, item) => shrunk(set, item, side, side))
  const spreads = small.map(spreadOf)
  const hashes = small.map((_, item) => differenceHash(shrunk(set, item, 8, 9)))
  const found = new Map<string, { a: number; b: number }>()
  for (let band = 0; band < bands; band++) {
    const buckets = new Map<number, number[]>()
    hashes.forEach((hash, item) => {
      if (spreads[item]! < leastSpread) return
      const bucket = buckets.get(hash[band]!)
      if (bucket === undefined) buckets.set(hash[band]!, [item])
      else bucket.push(item)
    })
    for (const bucket of buckets.values()) {
      if (bucket.length > 2 * window) bucket.sort((x, y) => order(hashes[x]!, hashes[y]!))
      bucket.forEach((item, at) => {
        // A band of eight bits is shared by many: the nearest hashes are compared.
        const compared = bucket
          .slice(Math.max(0, at - window), at + window + 1)
          .map((other) => ({ other, bits: bitsBetween(hashes[item]!, hashes[other]!) }))
          .filter(({ other, bits }) => other !== item && bits <= bands)
          .sort((x, y) => x.bits - y.bits)
          .slice(0, mostCompared)
          .map(({ other }) => ({ other, distance: difference(small[other]!, small[item]!) }))
        const ordered = compared.map(({ distance }) => distance).sort((x, y) => x - y)
        const usual = ordered[alike - 1] ?? Infinity
        const most = Math.max(surelyNoise, Math.min(mostDifference, mostOfAlike * usual))
        for (const { other, distance } of compared) {
          const [low, high] = [Math.min(item, other), Math.max(item, other)]
          if (distance <= most) found.set(`${low} ${high}`, { a: low, b: high })
        }
      })
    }
  }
  return [...found.values()]
}

/** Mean brightness by cell, from 0 to 1. */
function shrunk(
  { height, width, channels, pixels }: Pictures,
  item: number,
  rows: number,
  columns: number,
): Float64Array {
  const out = new Float64Array(rows * columns)
  const start = item * height * width * channels
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [top, left] = [Math.floor((row * height) / rows), Math.floor((column * width) / columns)]
      const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / rows))
      const right = Math.max(left + 1, Math.floor(((column + 1) * width) / columns))
      let sum = 0
      for (let y = top; y < bottom; y++)
        for (
          let at = start + (y * width + left) * channels;
          at < start + (y * width + right) * channels;
          at++
        )
          sum += pixels[at]!
      out[row * columns + column] = sum / ((bottom - top) * (right - left) * channels * 255)
    }
  return out
}

function differenceHash(grid: Float64Array): Uint8Array {
  return Uint8Array.from({ length: 8 }, (_, row) => {
    let bits = 0
    for (let column = 0; column < 8; column++)
      if (grid[row * 9 + column]! > grid[row * 9 + column + 1]! + leastStep) bits |= 1 << column
    return bits
  })
}

function bitsBetween(a: Uint8Array, b: Uint8Array): number {
  let bits = 0
  for (let i = 0; i < a.length; i++) for (let rest = a[i]! ^ b[i]!; rest > 0; rest &= rest - 1) bits++
  return bits
}

function order(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function spreadOf(values: Float64Array): number {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))
}

function difference(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB, spreadA, spreadB] = [meanOf(a), meanOf(b), spreadOf(a), spreadOf(b)]
  return meanOf(a.map((value, i) => Math.abs((value - meanA) / spreadA - (b[i]! - meanB) / spreadB)))
}
