import { Generator, purposeHash } from '../../../core/rng.ts'

/** Characters of a shingle, and hashes of a signature in bands of rows. */
const shingleLength = 5
const bands = 24
const rowsOfBand = 4
/** Shorter texts are alike by chance. */
const shortest = 30
/** A text is compared with so many that share a band with it, so that a bucket of thousands is no square of pairs. */
const mostCompared = 20

/**
 * Pairs of texts whose sets of five-character shingles have a Jaccard similarity of at least `least`: candidates by MinHash
 * and locality-sensitive hashing (Broder 1997; Leskovec, Rajaraman and Ullman, "Mining of massive datasets", chapter 3), then
 * compared exactly. Case, spaces and punctuation do not count.
 */
export function nearTexts(
  texts: readonly string[],
  { least, seed }: { least: number; seed: number },
): { a: number; b: number; similarity: number }[] {
  const generator = new Generator(seed, 'doctor minhash')
  const factors = Uint32Array.from({ length: bands * rowsOfBand }, (_, i) => generator.uint32(0, i) | 1)
  const offsets = Uint32Array.from(factors.keys(), (i) => generator.uint32(1, i))
  const shingles = texts.map(shinglesOf)
  const signatures = shingles.map((own) => own && signatureOf(own, factors, offsets))
  const pairs = new Map<string, { a: number; b: number; similarity: number }>()
  for (let band = 0; band < bands; band++) {
    const buckets = new Map<string, number[]>()
    signatures.forEach((signature, item) => {
      if (signature === null) return
      const key = signature.subarray(band * rowsOfBand, (band + 1) * rowsOfBand).join()
      const bucket = buckets.get(key)
      if (bucket === undefined) return void buckets.set(key, [item])
      for (const other of bucket.slice(-mostCompared)) {
        const name = `${other} ${item}`
        if (pairs.has(name)) continue
        const similarity = jaccard(shingles[other]!, shingles[item]!)
        if (similarity >= least) pairs.set(name, { a: other, b: item, similarity })
      }
      bucket.push(item)
    })
  }
  return [...pairs.values()]
}

/** Hashes of its shingles; null for a text that is too short to tell. */
function shinglesOf(text: string): Set<number> | null {
  const plain = text
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  if (plain.length < shortest) return null
  const found = new Set<number>()
  for (let at = 0; at + shingleLength <= plain.length; at++)
    found.add(purposeHash(plain.slice(at, at + shingleLength)))
  return found
}

function signatureOf(shingles: Set<number>, factors: Uint32Array, offsets: Uint32Array): Uint32Array {
  const least = new Uint32Array(factors.length).fill(0xffffffff)
  for (const shingle of shingles)
    for (let i = 0; i < factors.length; i++) {
      let value = (Math.imul(shingle ^ offsets[i]!, factors[i]!) >>> 0) ^ 0
      value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) >>> 0
      if (value < least[i]!) least[i] = value
    }
  return least
}

function jaccard(a: Set<number>, b: Set<number>): number {
  let shared = 0
  for (const value of a) if (b.has(value)) shared++
  return shared / (a.size + b.size - shared)
}
