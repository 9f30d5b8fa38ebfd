import type { TokenArray } from '../core/prepared.ts'

/** An empty array of the smallest type for ids below `vocabSize`. */
export function tokenArray(vocabSize: number, length: number): TokenArray {
  if (vocabSize <= 256) return new Uint8Array(length)
  return vocabSize <= 65536 ? new Uint16Array(length) : new Int32Array(length)
}
