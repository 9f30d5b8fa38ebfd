import { fourAt, inStack, range, type MatmulShape } from './matmulShape.ts'
import { flippedLoads, unfoldedLoads } from './unfolding.ts'

/**
 * WGSL `load_a(m, k)` and `load_b(n, k)`, each four values of one stored row. Where that row runs along `inner` they
 * are the steps k to k + 3 of one m (or n), else m to m + 3 (n to n + 3) of one step. Steps from `inner` on are 0
 * where `step`, the steps that a loop takes at once, does not divide `inner`; rows and columns past the edge are
 * whatever lies there, and are not written.
 */
export function loads(shape: MatmulShape, step: number): string {
  const { rows, columns, inner, isATransposed, isBTransposed, unfolding, isBFlipped } = shape
  const isRagged = inner % step !== 0
  const ofRow = isATransposed ? across : along
  const ofColumn = isBTransposed ? along : across
  return [
    unfolding ? unfoldedLoads(unfolding, shape, isRagged) : ofRow('a', rows, shape, isRagged),
    unfolding && isBFlipped ? flippedLoads(unfolding, shape) : ofColumn('b', columns, shape, isRagged),
  ].join('\n')
}

function along(name: string, length: number, shape: MatmulShape, isRagged: boolean): string {
  const { inner } = shape
  const row = `let at = min(index, ${length - 1}u) * ${inner}u + k${inStack(shape, length)};`
  if (inner % 4 === 0) {
    const value = fourAt(name, 'at', inner)
    const kept = isRagged ? `select(vec4<f32>(0.0), ${value}, k < ${inner}u)` : value
    return `fn load_${name}(index: u32, k: u32) -> vec4<f32> { ${row} return ${kept}; }`
  }
  const values = range(4).map((c) => `select(0.0, f32(${name}[at + ${c}u]), k + ${c}u < ${inner}u)`)
  return `fn load_${name}(index: u32, k: u32) -> vec4<f32> { ${row} return vec4<f32>(${values.join(', ')}); }`
}

function across(name: string, width: number, shape: MatmulShape, isRagged: boolean): string {
  const at = (last: number): string =>
    `let at = k * ${width}u + min(index, ${last}u)${inStack(shape, width)};`
  const value = fourAt(name, 'at', width)
  const kept = isRagged ? `select(vec4<f32>(0.0), ${value}, k < ${shape.inner}u)` : value
  const last = width % 4 === 0 ? width - 4 : width - 1
  return `fn load_${name}(index: u32, k: u32) -> vec4<f32> { ${at(last)} return ${kept}; }`
}
