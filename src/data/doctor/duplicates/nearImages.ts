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
 * Pairs of pictures that are nearly the same, a before b: candidates share eight of the 64 bits of a difference hash (is a place brighter
 * than its right neighbour, on a grid of 8 × 9), then small pictures of the same mean and spread are compared pixel by
 * pixel, more strictly where many others are alike, as strokes of a pen are.
 */
export function nearImages(set: Pictures): { a: number; b: number }[] {
  const small = Array.from({ length: set.count }, (_, item) => shrunk(set, item, side, side))
  const isBlank = small.map((picture) => spreadOf(picture) < leastSpread)
  const normal = small.map(normalised)
  const hashes = small.map((_, item) => differenceHash(shrunk(set, item, 8, 9)))
  const buckets = bucketsOf(hashes, isBlank)
  const found = new Map<string, { a: number; b: number }>()
  for (let item = 0; item < set.count; item++) {
    if (isBlank[item]) continue
    const compared = candidates(item, hashes, buckets).map((other) => ({
      other,
      distance: difference(normal[item]!, normal[other]!),
    }))
    const ordered = compared.map(({ distance }) => distance).sort((x, y) => x - y)
    const usual = ordered[alike - 1] ?? Infinity
    const most = Math.max(surelyNoise, Math.min(mostDifference, mostOfAlike * usual))
    for (const { other, distance } of compared) {
      const [low, high] = [Math.min(item, other), Math.max(item, other)]
      if (distance <= most) found.set(`${low} ${high}`, { a: low, b: high })
    }
  }
  return [...found.values()].sort((x, y) => x.a - y.a || x.b - y.b)
}

/** By band and its eight bits: the pictures that have them, in the order of their hashes, and where each stands. */
interface Buckets {
  readonly members: readonly ReadonlyMap<number, readonly number[]>[]
  readonly places: readonly Int32Array[]
}

function bucketsOf(hashes: readonly Hash[], isBlank: readonly boolean[]): Buckets {
  const order = Array.from(hashes.keys())
    .filter((item) => !isBlank[item])
    .sort((x, y) => hashes[x]![0] - hashes[y]![0] || hashes[x]![1] - hashes[y]![1] || x - y)
  const places: Int32Array[] = []
  const members = Array.from({ length: bands }, (_, band) => {
    const buckets = new Map<number, number[]>()
    const place = new Int32Array(hashes.length)
    for (const item of order) {
      const key = bandOf(hashes[item]!, band)
      const bucket = buckets.get(key)
      place[item] = bucket === undefined ? 0 : bucket.length
      if (bucket === undefined) buckets.set(key, [item])
      else bucket.push(item)
    }
    places.push(place)
    return buckets
  })
  return { members, places }
}

/** Those whose hashes are the nearest, among the ones that share a band with a picture. */
function candidates(item: number, hashes: readonly Hash[], { members, places }: Buckets): number[] {
  const hash = hashes[item]!
  const near = new Map<number, number>()
  for (let band = 0; band < bands; band++) {
    const bucket = members[band]!.get(bandOf(hash, band))!
    const at = places[band]![item]!
    for (let i = Math.max(0, at - window); i < Math.min(bucket.length, at + window + 1); i++) {
      const other = bucket[i]!
      if (other === item) continue
      const bits = bitsBetween(hash, hashes[other]!)
      if (bits <= bands) near.set(other, bits)
    }
  }
  return [...near]
    .sort((x, y) => x[1] - y[1] || x[0] - y[0])
    .slice(0, mostCompared)
    .map(([other]) => other)
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

/** The bits of the upper and of the lower four rows. */
type Hash = readonly [number, number]

function differenceHash(grid: Float64Array): Hash {
  const halves: [number, number] = [0, 0]
  for (let bit = 0; bit < 64; bit++) {
    const at = (bit >> 3) * 9 + (bit & 7)
    if (grid[at]! > grid[at + 1]! + leastStep) halves[bit >> 5]! |= 1 << (bit & 31)
  }
  return halves
}

function bandOf(hash: Hash, band: number): number {
  return (hash[band >> 2]! >>> (8 * (band & 3))) & 255
}

function bitsBetween(a: Hash, b: Hash): number {
  return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1])
}

/** Bits of a 32-bit integer that are set (Warren, Hacker's delight, 5-1). */
function ones(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function spreadOf(values: Float64Array): number {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))
}

function normalised(values: Float64Array): Float32Array {
  const [mean, spread] = [meanOf(values), spreadOf(values)]
  return Float32Array.from(values, (value) => (value - mean) / Math.max(spread, leastSpread))
}

/** Mean absolute difference; Infinity beyond what matters to any limit. */
function difference(a: Float32Array, b: Float32Array): number {
  const most = (a.length * mostDifference) / mostOfAlike
  let sum = 0
  for (let i = 0; i < a.length && sum <= most; i++) sum += Math.abs(a[i]! - b[i]!)
  return sum > most ? Infinity : sum / a.length
}
