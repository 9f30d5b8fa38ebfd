import { bindings } from '../wgsl.ts'

/** Constants baked into a program: op(a) [rows, inner] · op(b) [inner, columns] + bias [columns]. */
export interface MatmulShape {
  rows: number
  columns: number
  inner: number
  /** `a` is stored as [inner, rows]. */
  isATransposed: boolean
  /** `b` is stored as [columns, inner]. */
  isBTransposed: boolean
  hasBias: boolean
}

/** A block of outputs a thread, and the threads of a workgroup in x (columns) and y (rows). */
export interface MatmulTile {
  rows: 4
  columns: 4 | 8
  threads: readonly [number, number]
}

const components = ['x', 'y', 'z', 'w'] as const

/**
 * Each thread keeps its block in registers and reads both matrices from storage: no workgroup memory, no barriers.
 * Every output adds its products in ascending order of `inner`. Rows and columns past the edge are read as the last
 * ones and not written. Buffers: y, a, b, bias.
 * Buffers are read and written by vec4 where their rows are a multiple of 4, otherwise by scalars. Dispatch: x over
 * blocks of columns, y over blocks of rows.
 */
export function matmulWgsl(shape: MatmulShape, tile: MatmulTile): string {
  const { rows, columns, inner, isATransposed, isBTransposed, hasBias } = shape
  const isYWide = columns % 4 === 0
  // Four steps of scalars would be much code for a compiler and no faster.
  const areRowsWide = (!isATransposed || rows % 4 === 0) && (isBTransposed || columns % 4 === 0)
  const step = inner % 4 === 0 && areRowsWide ? 4 : 1
  const isAWide = isATransposed ? rows % 4 === 0 : step === 4
  const isBWide = isBTransposed ? step === 4 : columns % 4 === 0
  const typeOf = (isWide: boolean): string => (isWide ? 'vec4<f32>' : 'f32')

  const steps = range(step)
  const tileRows = range(tile.rows)
  const tileColumns = range(tile.columns)
  const quads = range(tile.columns / 4)
  const a = isATransposed
    ? acrossSteps('a', 'm', tileRows, steps, rows, isAWide)
    : alongSteps('a', 'm', tileRows, steps, inner, isAWide)
  const b = isBTransposed
    ? alongSteps('b', 'n', tileColumns, steps, inner, isBWide)
    : acrossSteps('b', 'n', tileColumns, steps, columns, isBWide)

  const products = steps.flatMap((e) =>
    quads.flatMap((q) => {
      const factors = `vec4<f32>(${range(4)
        .map((c) => b.at(q * 4 + c, e))
        .join(', ')})`
      return [
        `let f${e}_${q} = ${factors};`,
        ...tileRows.map((i) => `sum${i}_${q} = fma(vec4<f32>(${a.at(i, e)}), f${e}_${q}, sum${i}_${q});`),
      ]
    }),
  )
  const biasAt = (q: number): string =>
    `vec4<f32>(${range(4)
      .map((c) => `bias[n${q * 4 + c}]`)
      .join(', ')})`
  const stores = quads.flatMap((q) =>
    tileRows.map((i) => {
      const isInside = guard(rows, tile.rows, `m_first + ${i}u`)
      const value = hasBias ? `sum${i}_${q} + bias${q}` : `sum${i}_${q}`
      if (isYWide) {
        return `if (${isInside} && ${guard(columns, tile.columns, `n_first + ${q * 4}u`)}) { y[(m${i} * ${columns}u + n${q * 4}) / 4u] = ${value}; }`
      }
      return `if (${isInside}) { let value = ${value}; ${range(4)
        .map((c) => {
          const at = q * 4 + c
          return `if (${guard(columns, tile.columns, `n_first + ${at}u`)}) { y[m${i} * ${columns}u + n${at}] = value.${components[c]}; }`
        })
        .join(' ')} }`
    }),
  )
  return `${bindings({ y: typeOf(isYWide) }, { a: typeOf(isAWide), b: typeOf(isBWide), ...(hasBias ? { bias: 'f32' } : {}) })}
@compute @workgroup_size(${tile.threads.join(', ')})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) thread: vec3<u32>) {
  let m_first = (group.y * ${tile.threads[1]}u + thread.y) * ${tile.rows}u;
  let n_first = (group.x * ${tile.threads[0]}u + thread.x) * ${tile.columns}u;
  if (m_first >= ${rows}u || n_first >= ${columns}u) { return; }
  ${tileRows.map((i) => `let m${i} = ${clamped(rows, tile.rows, `m_first + ${i}u`)};`).join('\n  ')}
  ${tileColumns.map((c) => `let n${c} = ${clamped(columns, tile.columns, `n_first + ${c}u`)};`).join('\n  ')}
  ${tileRows.flatMap((i) => quads.map((q) => `var sum${i}_${q} = vec4<f32>(0.0);`)).join('\n  ')}
  for (var k = 0u; k < ${inner}u; k += ${step}u) {
    ${[...a.loads, ...b.loads, ...products].join('\n    ')}
  }
  ${hasBias ? quads.map((q) => `let bias${q} = ${biasAt(q)};`).join('\n  ') : ''}
  ${stores.join('\n  ')}
}
`
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

function clamped(size: number, tile: number, index: string): string {
  return size % tile === 0 ? index : `min(${index}, ${size - 1}u)`
}

function guard(size: number, tile: number, index: string): string {
  return size % tile === 0 ? 'true' : `${index} < ${size}u`
}

interface Loads {
  loads: string[]
  /** The value of a row (or column) of the block at a step. */
  at: (index: number, step: number) => string
}

/** A buffer whose stored rows run along `inner`: one vec4 holds 4 steps of one index. */
function alongSteps(
  name: string,
  index: string,
  indices: number[],
  steps: number[],
  width: number,
  isWide: boolean,
): Loads {
  if (isWide) {
    return {
      loads: indices.map((i) => `let ${name}${i} = ${name}[(${index}${i} * ${width}u + k) / 4u];`),
      at: (i, e) => `${name}${i}.${components[e]}`,
    }
  }
  return {
    loads: indices.flatMap((i) =>
      steps.map((e) => `let ${name}${i}_${e} = ${name}[${index}${i} * ${width}u + k + ${e}u];`),
    ),
    at: (i, e) => `${name}${i}_${e}`,
  }
}

/** A buffer whose stored rows run along the block: one vec4 holds 4 indices at one step. */
function acrossSteps(
  name: string,
  index: string,
  indices: number[],
  steps: number[],
  width: number,
  isWide: boolean,
): Loads {
  if (isWide) {
    return {
      loads: steps.flatMap((e) =>
        range(indices.length / 4).map(
          (q) => `let ${name}${e}_${q} = ${name}[((k + ${e}u) * ${width}u + ${index}${q * 4}) / 4u];`,
        ),
      ),
      at: (i, e) => `${name}${e}_${i >> 2}.${components[i & 3]}`,
    }
  }
  return {
    loads: steps.flatMap((e) =>
      indices.map((i) => `let ${name}${i}_${e} = ${name}[(k + ${e}u) * ${width}u + ${index}${i}];`),
    ),
    at: (i, e) => `${name}${i}_${e}`,
  }
}
