import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { bindings, elementGrid, forEachElement, newTensor } from '../wgsl.ts'
import functions from './activations.wgsl?raw'

/** A WGSL function `name` and its derivative `name_slope`. One dispatch forward and one backward. */
export function fusedActivation<T extends Tensor>(
  backend: LabBackend,
  x: T,
  name: 'gelu_exact' | 'gelu_tanh' | 'silu',
): T {
  return tf.customGrad((xIn, saver) => {
    const input = xIn as Tensor
    const save = saver as tf.GradSaveFunc
    save([input])
    return {
      value: elementwise(backend, name, { y: `${name}(x[i])` }, { x: input })[0]!,
      gradFunc: (dy: Tensor, [saved]: Tensor[]) => fusedActivationGradient(backend, name, saved!, dy),
    }
  })(x) as T
}

/** dy times the slope at x. */
export function fusedActivationGradient<T extends Tensor>(
  backend: LabBackend,
  name: 'gelu_exact' | 'gelu_tanh' | 'silu' | 'relu',
  x: T,
  dy: T,
): T {
  const results = { dx: `dy[i] * ${name}_slope(x[i])` }
  return elementwise(backend, `${name} backward`, results, { x, dy })[0]! as T
}

/** silu(gate) · up; the backward dispatch writes both gradients. */
export function fusedSwiglu<T extends Tensor>(backend: LabBackend, gate: T, up: T): T {
  return tf.customGrad((gateIn, upIn, saver) => {
    const inputs = { gate: gateIn as Tensor, up: upIn as Tensor }
    const save = saver as tf.GradSaveFunc
    save([inputs.gate, inputs.up])
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const results = { dgate: 'dy[i] * up[i] * silu_slope(gate[i])', dup: 'dy[i] * silu(gate[i])' }
      return elementwise(backend, 'swiglu backward', results, { gate: saved[0]!, up: saved[1]!, dy })
    }
    return { value: elementwise(backend, 'swiglu', { y: 'silu(gate[i]) * up[i]' }, inputs)[0]!, gradFunc }
  })(gate, up) as T
}

/** One thread per element: each result is a WGSL expression of the inputs at `i`. */
function elementwise(
  backend: LabBackend,
  key: string,
  results: Record<string, string>,
  inputs: Record<string, Tensor>,
): Tensor[] {
  const names = Object.keys(results)
  const reads = Object.values(inputs)
  const writes = names.map(() => newTensor(backend, reads[0]!.shape))
  const types = (keys: string[]): Record<string, string> =>
    Object.fromEntries(keys.map((name) => [name, 'f32']))
  backend.dispatch({
    key,
    wgsl: () => {
      const lines = Object.entries(results).map(([name, expression]) => `  ${name}[i] = ${expression};\n`)
      const each = `fn each(i: u32) {\n${lines.join('')}}\n`
      const declarations = bindings(types(names), types(Object.keys(inputs)))
      return functions + declarations + each + forEachElement(`arrayLength(&${names[0]!})`)
    },
    writes,
    reads,
    grid: elementGrid(backend, reads[0]!.size),
  })
  return writes
}
