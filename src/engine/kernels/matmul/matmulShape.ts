import type { StoredType } from '../../backend/storedType.ts'
import type { Unfolding } from './unfolding.ts'

/** Constants baked into a program: op(a) [rows, inner] · op(b) [inner, columns]. */
export interface MatmulShape {
  rows: number
  columns: number
  inner: number
  /** `a` is stored as [inner, rows]. */
  isATransposed: boolean
  /** `b` is stored as [columns, inner]. */
  isBTransposed: boolean
  /** `a` is images, whose windows are its rows before it is transposed. */
  unfolding?: Unfolding | null
  /** `b` is a weight [taps, columns, channels]: see `flippedLoads`. Only with an unfolding. */
  isBFlipped?: boolean
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

export const components = ['x', 'y', 'z', 'w'] as const

/** vec4s where the rows of a stored matrix are a multiple of 4, else scalars. */
export function elementType(width: number, stored: StoredType): string {
  return width % 4 === 0 ? `vec4<${stored}>` : stored
}

/** Four neighbouring numbers of a matrix with rows of this width as f32, from the WGSL index `at`. */
export function fourAt(name: string, at: string, width: number): string {
  if (width % 4 === 0) return `vec4<f32>(${name}[${at} / 4u])`
  const values = range(4).map((c) => `f32(${name}[${at} + ${c}u])`)
  return `vec4<f32>(${values.join(', ')})`
}
