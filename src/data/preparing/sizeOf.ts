import type { Part } from '../../core/prepared.ts'

/** Bytes of all arrays. */
export function sizeOf(...parts: readonly Part[]): number {
  const arrays = parts.flatMap((part) => Object.values(part.arrays))
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
}
