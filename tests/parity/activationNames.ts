import type { Bend } from '../../src/engine/kernels/linear/bends.ts'
import type { activations } from '../../src/engine/nn/activation.ts'

/** Names of files for activations that a matrix product can end with. */
export const bends = {
  gelu: 'gelu-exact',
  gelu_exact: 'gelu-exact',
  gelu_tanh: 'gelu-tanh',
  gelu_new: 'gelu-tanh',
  quick_gelu: 'quick-gelu',
  silu: 'silu',
  swish: 'silu',
  relu: 'relu',
  relu2: 'relu-squared',
  relu_squared: 'relu-squared',
  squared_relu: 'relu-squared',
} as const satisfies Record<string, Bend>

/** And for all activations. */
export const allActivations = {
  ...bends,
  softplus: 'softplus',
  hardswish: 'hard-swish',
  hard_swish: 'hard-swish',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  mish: 'mish',
  elu: 'elu',
  leaky_relu: 'leaky-relu',
} as const satisfies Record<string, keyof typeof activations>
