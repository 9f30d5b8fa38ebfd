/**
 * Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a counter-based
 * generator. Key: (seed, purpose); counter: (step, index). The same numbers come out in TypeScript and in
 * WGSL, and adding a consumer under its own purpose never moves another consumer's numbers.
 */
const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const mid = a1 * b0 + ((a0 * b0) >>> 16)
  const mid2 = a0 * b1 + (mid & 0xffff)
  return (a1 * b1 + Math.floor(mid / 65536) + Math.floor(mid2 / 65536)) >>> 0
}

/** One Philox 4x32-10 block. Writes four unsigned words into `out` and returns it. */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  out: Uint32Array = new Uint32Array(4),
): Uint32Array {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < 10; round++) {
    const hi0 = mulHigh(M0, c0)
    const lo0 = Math.imul(M0, c0) >>> 0
    const hi1 = mulHigh(M1, c2)
    const lo1 = Math.imul(M1, c2) >>> 0
    c0 = (hi1 ^ c1 ^ k0) >>> 0
    c1 = lo1
    c2 = (hi0 ^ c3 ^ k1) >>> 0
    c3 = lo0
    k0 = (k0 + W0) >>> 0
    k1 = (k1 + W1) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
  return out
}

/** FNV-1a over UTF-16 code units: turns a purpose's name into the second word of the key. */
export function purposeHash(purpose: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < purpose.length; i++) {
    hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193) >>> 0
  }
  return hash
}

/**
 * Random numbers for one purpose of one run. Stateless: every number is addressed by (step, index), so
 * resuming needs no saved state beyond the step.
 */
export class Generator {
  readonly key: readonly [number, number]
  readonly #block = new Uint32Array(4)
  constructor(seed: number, purpose: string) {
    this.key = [seed >>> 0, purposeHash(purpose)]
  }

  /** Unsigned 32-bit word number `index` of `step`. Four neighbouring indices share a block. */
  uint32(step: number, index: number): number {
    const block = philox4x32(
      [Math.floor(index / 4) >>> 0, Math.floor(index / 2 ** 34), step >>> 0, Math.floor(step / 2 ** 32)],
      this.key,
      this.#block,
    )
    return block[index & 3]!
  }

  /** Uniform in [0, 1) with 24 bits: exactly representable in float32, the same on the GPU. */
  uniform(step: number, index: number): number {
    return (this.uint32(step, index) >>> 8) * 2 ** -24
  }

  /** Uniform integer in [0, bound), bound <= 2^32, by the high half of a 64-bit product (Lemire 2019). */
  below(bound: number, step: number, index: number): number {
    return mulHigh(this.uint32(step, index), bound >>> 0)
  }

  /** Standard normals by Box–Muller; pair (2i, 2i+1) uses words 2i and 2i+1. */
  normals(length: number, step = 0): Float32Array {
    const out = new Float32Array(length)
    for (let i = 0; i < length; i += 2) {
      const u = (this.uint32(step, i) + 1) * 2 ** -32
      const angle = 2 * Math.PI * this.uint32(step, i + 1) * 2 ** -32
      const radius = Math.sqrt(-2 * Math.log(u))
      out[i] = radius * Math.cos(angle)
      if (i + 1 < length) out[i + 1] = radius * Math.sin(angle)
    }
    return out
  }

  /** A permutation of 0..length-1 (Fisher–Yates), addressed by `step` (an epoch, say). */
  permutation(length: number, step = 0): Int32Array {
    const order = Int32Array.from({ length }, (_, i) => i)
    for (let i = length - 1; i > 0; i--) {
      const j = this.below(i + 1, step, i)
      const held = order[i]!
      order[i] = order[j]!
      order[j] = held
    }
    return order
  }
}
