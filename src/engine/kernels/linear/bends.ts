import type { Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { geluTwin, siluTwin } from '../activations/activations.ts'
import type { BendName } from '../matmul/epilogue.ts'

/** Activations that a matrix product can end with. */
export type Bend = 'gelu-tanh' | 'gelu-exact' | 'silu' | 'relu'

export const bendNames: Readonly<Record<Bend, BendName>> = {
  'gelu-tanh': 'gelu_tanh',
  'gelu-exact': 'gelu_exact',
  silu: 'silu',
  relu: 'relu',
}

export const bendTwins: Readonly<Record<Bend, (x: Tensor2D) => Tensor2D>> = {
  'gelu-tanh': (x) => geluTwin(x, 'tanh'),
  'gelu-exact': (x) => geluTwin(x, 'exact'),
  silu: siluTwin,
  relu: (x) => tf.relu(x),
}
