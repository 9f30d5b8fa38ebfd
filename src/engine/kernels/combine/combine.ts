import type { LabBackend } from '../../backend/labBackend.ts'
import { add, mul, tidy, type Scalar, type Tensor } from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { bindings, constants, elementGrid, forEachElement, newTensor } from '../wgsl.ts'

/** A tensor and what multiplies it; a number is a constant of a recording. */
export type Term = readonly [tensor: Tensor, factor: number | Scalar]

/**
 * a · x + b · y, number by number, in one dispatch. No gradient.
 * @param y of x's shape
 * @throws ShapeError
 */
export function combine([x, a]: Term, [y, b]: Term): Tensor {
  checkTensor('combine y', y, x.shape)
  const backend = fusedBackend('combine', x)
  if (backend === null) return tidy(() => add(mul(x, a), mul(y, b)))
  return fusedCombine(backend, [x, a], [y, b])
}

function fusedCombine(backend: LabBackend, [x, a]: Term, [y, b]: Term): Tensor {
  const isWide = x.size % 4 === 0
  const type = isWide ? 'vec4<f32>' : 'f32'
  const count = isWide ? x.size / 4 : x.size
  const factors = { a, b }
  const onDevice = Object.entries(factors).flatMap(([name, factor]) =>
    typeof factor === 'number' ? [] : [{ name, factor }],
  )
  const isHere = (name: 'a' | 'b'): boolean => typeof factors[name] === 'number'
  const valueOf = (name: 'a' | 'b'): string => (isHere(name) ? `u.${name}` : `${name}_factor[0]`)
  const numbers = [a, b].map((factor) => (typeof factor === 'number' ? factor : 0))
  const output = newTensor(backend, x.shape)
  backend.dispatch({
    key: `combine ${count} ${isWide} ${isHere('a')} ${isHere('b')}`,
    wgsl: () =>
      bindings(
        { sum: type },
        { x: type, y: type, ...Object.fromEntries(onDevice.map(({ name }) => [`${name}_factor`, 'f32'])) },
        'a: f32, b: f32',
      ) +
      constants({ COUNT: count }) +
      // Reads both numbers, so that the layout has the uniforms whichever factors are used.
      `fn each(i: u32) { _ = u.a + u.b; sum[i] = ${valueOf('a')} * x[i] + ${valueOf('b')} * y[i]; }\n` +
      forEachElement('COUNT'),
    writes: [output],
    reads: [x, y, ...onDevice.map(({ factor }) => factor)],
    uniforms: Float32Array.from(numbers).buffer,
    grid: elementGrid(backend, count),
  })
  return output
}
