import type { StoredType } from '../../backend/storedType.ts'

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

/**
 * WGSL `load_a(m, k)` and `load_b(n, k)`, each four values of one stored row. Where that row runs along `inner` they
 * are the steps k to k + 3 of one m (or n), else m to m + 3 (n to n + 3) of one step. Steps from `inner` on are 0
 * where `step`, the steps that a loop takes at once, does not divide `inner`; rows and columns past the edge are
 * whatever lies there, and are not written.
 */
export function loads(shape: MatmulShape, step: number): string {
  const { rows, columns, isATransposed, isBTransposed } = shape
  return [
    (isATransposed ? across : along)('a', rows, shape, step),
    (isBTransposed ? along : across)('b', columns, shape, step),
  ].join('\n')
}

/** What to add to an index in the first matrix of a stack, of `length` rows or columns in all, to be in this one. */
function inStack({ count, inner }: MatmulShape, length: number): string {
  return count === 1 ? '' : ` + stack * ${length * inner}u`
}

function along(name: string, length: number, shape: MatmulShape, step: number): string {
  const { inner } = shape
  const isRagged = inner % step !== 0
  const row = `let at = min(index, ${length - 1}u) * ${inner}u + k${inStack(shape, length)};`
  if (inner % 4 === 0) {
    const value = fourAt(name, 'at', inner)
    const kept = isRagged ? `select(vec4<f32>(0.0), ${value}, k < ${inner}u)` : value
    return `fn load_${name}(index: u32, k: u32) -> vec4<f32> { ${row} return ${kept}; }`
  }
  const values = range(4).map((c) => `select(0.0, f32(${name}[at + ${c}u]), k + ${c}u < ${inner}u)`)
  return `fn load_${name}(index: u32, k: u32) -> vec4<f32> { ${row} return vec4<f32>(${values.join(', ')}); }`
}

function across(name: string, width: number, shape: MatmulShape, step: number): string {
  const { inner } = shape
  const at = (last: number): string =>
    `let at = k * ${width}u + min(index, ${last}u)${inStack(shape, width)};`
  const value = fourAt(name, 'at', width)
  const kept = inner % step !== 0 ? `select(vec4<f32>(0.0), ${value}, k < ${inner}u)` : value
  const last = width % 4 === 0 ? width - 4 : width - 1
  return `fn load_${name}(index: u32, k: u32) -> vec4<f32> { ${at(last)} return ${kept}; }`
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
