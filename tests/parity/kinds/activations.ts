import { activations } from '../../../src/engine/nn/activation.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLayer } from '../layerCase.ts'

const ours = {
  gelu_exact: 'gelu-exact',
  gelu_tanh: 'gelu-tanh',
  quick_gelu: 'quick-gelu',
  silu: 'silu',
  softplus: 'softplus',
  hardswish: 'hard-swish',
} as const
const known = Object.keys(ours) as (keyof typeof ours)[]

export default defineKind({
  id: 'activations',
  isFor: (file) => isAbout(file, /^activations/i),
  check(golden, context) {
    const activation = activations[ours[golden.choice('kind', known)]]
    return checkLayer(golden, context, (inputs) => activation(inputs.get('x')))
  },
})
