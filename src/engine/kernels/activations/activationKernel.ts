import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { bindings, elementGrid, enabling, forEachElement, newTensor, units } from '../wgsl.ts'
import functions from './activations.wgsl?raw'

export type ActivationName = 'gelu_exact' | 'gelu_tanh' | 'quick_gelu' | 'silu' | 'relu' | 'relu_squared'

/** A WGSL function `name` and its derivative `name_slope`. One dispatch forward and one backward. */
export function fusedActivation<T extends Tensor>(backend: LabBackend, x: T, name: ActivationName): T {
  return tf.customGrad((xIn, saver) => {
    const input = xIn as Tensor
    const save = saver as tf.GradSaveFunc
    save([input])
    return {
      value: elementwise(backend, name, { y: `${name}(x)` }, { x: input })[0]!,
      gradFunc: (dy: Tensor, [saved]: Tensor[]) => fusedActivationGradient(backend, name, saved!, dy),
    }
  })(x) as T
}

/** dy times the slope at x. */
export function fusedActivationGradient<T extends Tensor>(
  backend: LabBackend,
  name: ActivationName,
  x: T,
  dy: T,
): T {
  const results = { dx: `dy * ${name}_slope(x)` }
  return elementwise(backend, `${name} backward`, results, { x, dy })[0]! as T
}

/** silu(gate) · up; the backward dispatch writes both gradients. */
export function fusedSwiglu<T extends Tensor>(backend: LabBackend, gate: T, up: T): T {
  return tf.customGrad((gateIn, upIn, saver) => {
    const inputs = { gate: gateIn as Tensor, up: upIn as Tensor }
    const save = saver as tf.GradSaveFunc
    save([inputs.gate, inputs.up])
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const results = { dgate: 'dy * up * silu_slope(gate)', dup: 'dy * silu(gate)' }
      return elementwise(backend, 'swiglu backward', results, { gate: saved[0]!, up: saved[1]!, dy })
    }
    return { value: elementwise(backend, 'swiglu', { y: 'silu(gate) * up' }, inputs)[0]!, gradFunc }
  })(gate, up) as T
}

/**
 * Each result, in f32, is a WGSL expression of one element of every input. One thread per four elements, which are read and
 * written together; one per element where the length is no multiple of 4.
 */
function elementwise(
  backend: LabBackend,
  key: string,
  results: Record<string, string>,
  inputs: Record<string, Tensor>,
): Tensor[] {
  const reads = Object.values(inputs)
  const [x] = reads as [Tensor]
  const writes = Object.keys(results).map(() => newTensor(backend, x.shape))
  const { type, count } = units(x.size)
  const isWide = count !== x.size
  const stored = reads.map((tensor) => backend.storedAs(tensor))
  const types = stored.map((each) => type.replace('f32', each))
  backend.dispatch({
    key: `${key} ${isWide} ${stored.join(' ')}`,
    takesHalf: true,
    wgsl: () =>
      enabling(...stored) +
      functions +
      bindings(
        allOf(results, () => type),
        allOf(inputs, (i) => types[i]!),
      ) +
      elementFunctions(results, Object.keys(inputs), isWide) +
      forEachElement(`arrayLength(&${Object.keys(results)[0]!}_all)`),
    writes,
    reads,
    grid: elementGrid(backend, count),
  })
  return writes
}

function allOf(names: object, typeOf: (index: number) => string): Record<string, string> {
  return Object.fromEntries(Object.keys(names).map((name, i) => [`${name}_all`, typeOf(i)]))
}

/** `<result>_of` for one element, and `each` for a unit of them. */
function elementFunctions(results: Record<string, string>, inputs: string[], isWide: boolean): string {
  const parameters = inputs.map((name) => `${name}: f32`).join(', ')
  const call = (result: string, part: string): string =>
    `${result}_of(${inputs.map((name) => `${name}${part}`).join(', ')})`
  const lines = Object.keys(results).map((result) => {
    const parts = ['.x', '.y', '.z', '.w'].map((part) => call(result, part))
    return `  ${result}_all[i] = ${isWide ? `vec4<f32>(${parts.join(', ')})` : call(result, '')};\n`
  })
  return [
    ...Object.entries(results).map(
      ([result, expression]) => `fn ${result}_of(${parameters}) -> f32 { return ${expression}; }\n`,
    ),
    'fn each(i: u32) {\n',
    ...inputs.map((name) => `  let ${name} = ${isWide ? 'vec4<f32>' : 'f32'}(${name}_all[i]);\n`),
    ...lines,
    '}\n',
  ].join('')
}
