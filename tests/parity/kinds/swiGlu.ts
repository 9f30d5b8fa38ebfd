import * as tf from '../../../src/engine/backend/tfjs.ts'
import { noDropout } from '../../../src/engine/nn/dropoutSites.ts'
import { feedForward } from '../../../src/engine/nn/feedForward.ts'
import type { Weights } from '../../../src/engine/nn/parameter.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLayer, type LayerInputs } from '../layerCase.ts'
import { rowsOf, weightsFrom } from '../layerWeights.ts'

const fused = 'fused: first half of w12 is the value, second half the gate'

export default defineKind({
  id: 'swiglu',
  isFor: (file) => isAbout(file, /^SwiGLU/i),
  check(golden, context) {
    const layout = golden.choice('layout', ['llama', fused])
    golden.params.takeIfThere('bias') // as the inputs say
    return checkLayer(golden, context, (inputs) => {
      const weights = layout === fused ? fusedWeights(inputs) : llamaWeights(inputs)
      return feedForward(rowsOf(inputs.get('x')), weights, {
        name: '',
        activation: 'swiglu',
        dropoutAt: noDropout,
      })
    })
  },
})

function llamaWeights(inputs: LayerInputs): Weights {
  const theirs: Readonly<Record<string, string>> = { c_gate: 'gate', c_fc: 'up', c_proj: 'down' }
  return weightsFrom(inputs, (name) => {
    const [layer, part] = name.split('.') as [string, string]
    return `${theirs[layer]}_${part}`
  })
}

/** One matrix for both: value (our `c_fc`) first, then the gate, which is the half that goes through SiLU. */
function fusedWeights(inputs: LayerInputs): Weights {
  const halves: Readonly<Record<string, 0 | 1>> = { c_fc: 0, c_gate: 1 }
  const whole = weightsFrom(inputs, (name) => {
    const [layer, part] = name.split('.') as [string, string]
    return `${layer === 'c_proj' ? 'w3' : 'w12'}_${part}`
  })
  return {
    get(name) {
      const weight = whole.get(name)
      const half = halves[name.split('.')[0]!]
      if (weight === undefined || half === undefined) return weight
      return tf.split(weight, 2, weight.rank - 1)[half]
    },
  }
}
