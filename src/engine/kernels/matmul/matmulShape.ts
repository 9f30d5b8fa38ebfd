import type { StoredType } from '../../backend/storedType.ts'
import type { Unfolding } from './unfolding.ts'

/** Constants baked into a program: op(a) [rows, inner] · op(b) [inner, columns], `count` times. */
export interface MatmulShape {
  /** Products of a stack, whose matrices lie one after the other. */
  count: number
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

/** What to add to an index in the first matrix of a stack, of `length` rows or columns in all, to be in this one. */
export function inStack({ count, inner }: MatmulShape, length: number): string {
  return count === 1 ? '' : ` + stack * ${length * inner}u`
}

/** Blocks of `blockRows` rows of outputs in all: those of a product lie beside those of the next one in its stack. */
export function rowBlocks({ rows, count }: MatmulShape, blockRows: number): number {
  return Math.ceil(rows / blockRows) * count
}

/**
 * WGSL statements that find the first row of a workgroup's block as `name`, and in a stack whose it is: past the last
 * one, `stack` is `count`.
 */
export function firstRow(shape: MatmulShape, name: string, blockRows: number): string {
  const number = '(group.y + group.z * groups.y)'
  if (shape.count === 1) return `let ${name} = ${number} * ${blockRows}u;`
  const blocks = rowBlocks(shape, blockRows) / shape.count
  return `stack = min(${number} / ${blocks}u, ${shape.count}u); let ${name} = (${number} % ${blocks}u) * ${blockRows}u;`
}

/** Declares what {@link firstRow} sets. */
export function stackVariable({ count }: MatmulShape): string {
  return count === 1 ? '' : 'var<private> stack: u32;\n'
}
