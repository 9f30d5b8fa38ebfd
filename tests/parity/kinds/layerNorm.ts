import { norm } from '../../../src/engine/nn/norm.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLayer } from '../layerCase.ts'
import { rowsOf, weightsFrom } from '../layerWeights.ts'

export default defineKind({
  id: 'layernorm',
  isFor: (file) => isAbout(file, /^layer normali[sz]ation/i),
  check(golden, context) {
    const epsilon = golden.param('eps')
    return checkLayer(golden, context, (inputs) => {
      const weights = weightsFrom(inputs, (name) => name.replace('norm.', ''))
      return norm(rowsOf(inputs.get('x')), weights, { name: 'norm', kind: 'layer-norm', epsilon })
    })
  },
})
