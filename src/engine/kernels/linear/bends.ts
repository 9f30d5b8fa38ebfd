import type { Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { geluTwin, quickGeluTwin, siluTwin } from '../activations/activations.ts'
import type { BendName } from '../matmul/epilogue.ts'

/** Activations that a matrix product can end with. */
export type Bend = 'gelu-tanh' | 'gelu-exact' | 'quick-gelu' | 'silu' | 'relu' | 'relu-squared'

export const bendNames: Readonly<Record<Bend, BendName>> = {
  'gelu-tanh': 'gelu_tanh',
  'gelu-exact': 'gelu_exact',
  'quick-gelu': 'quick_gelu',
  silu: 'silu',
  relu: 'relu',
  'relu-squared': 'relu_squared',
}

export const bendTwins: Readonly<Record<Bend, (x: Tensor2D) => Tensor2D>> = {
  'gelu-tanh': (x) => geluTwin(x, 'tanh'),
  'gelu-exact': (x) => geluTwin(x, 'exact'),
  'quick-gelu': quickGeluTwin,
  silu: siluTwin,
  relu: (x) => tf.relu(x),
  'relu-squared': (x) => tf.square(tf.relu(x)),
}
