import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Variable } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { bindings, elementGrid, forEachElement } from '../wgsl.ts'
import type { AdamWEntry, AdamWHyper } from './adamW.ts'
import adamWBody from './adamW.wgsl?raw'

const uniformNames = [
  'beta1',
  'one_minus_beta1',
  'beta2',
  'one_minus_beta2',
  'm_correction',
  'v_correction',
  'epsilon',
  'learning_rate',
  'decay',
] as const

/** One dispatch. */
export function fusedAdamW(
  backend: LabBackend,
  entry: AdamWEntry,
  hyper: AdamWHyper,
  clipFactor: Scalar,
): void {
  const { parameter, gradient, m, v } = entry
  for (const variable of [parameter, m, v]) ownBuffer(backend, variable)
  backend.dispatch({
    key: 'adamW',
    wgsl: () =>
      bindings(
        { parameter: 'f32', m: 'f32', v: 'f32' },
        { gradient: 'f32', clip: 'f32' },
        uniformNames.map((name) => `${name}: f32`).join(', '),
      ) +
      adamWBody +
      forEachElement('arrayLength(&parameter)'),
    writes: [parameter, m, v],
    reads: [gradient, clipFactor],
    uniforms: uniformsOf(hyper),
    grid: elementGrid(backend, parameter.size),
  })
}

/** Clones share a buffer; the update in place must not reach them. */
function ownBuffer(backend: LabBackend, variable: Variable): void {
  if (backend.refCount(variable.dataId) > 1) tf.tidy(() => variable.assign(tf.mul(variable, 1)))
}

/** In float64 up to here: 1 - beta2 and the bias corrections would lose digits in float32. */
function uniformsOf({ learningRate, beta1, beta2, epsilon, weightDecay, step }: AdamWHyper): ArrayBuffer {
  const values: Record<(typeof uniformNames)[number], number> = {
    beta1,
    one_minus_beta1: 1 - beta1,
    beta2,
    one_minus_beta2: 1 - beta2,
    m_correction: 1 / (1 - beta1 ** step),
    v_correction: 1 / (1 - beta2 ** step),
    epsilon,
    learning_rate: learningRate,
    decay: 1 - learningRate * weightDecay,
  }
  return Float32Array.from(uniformNames, (name) => values[name]).buffer
}
