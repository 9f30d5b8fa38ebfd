import { noDropout } from '../../../src/engine/nn/dropoutSites.ts'
import { selfAttention } from '../../../src/engine/nn/selfAttention.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLayer } from '../layerCase.ts'
import { rowsOf, weightsFrom } from '../layerWeights.ts'

export default defineKind({
  id: 'causal_attention',
  isFor: (file) => isAbout(file, /^causal multi-head self-attention/i),
  check(golden, context) {
    const numHeads = golden.param('heads')
    const isCausal = golden.flag('causal', true)
    golden.params.takeIfThere('bias') // as the inputs say
    return checkLayer(golden, context, (inputs) => {
      const x = inputs.get('x')
      const batchSize = x.shape[0]!
      const weights = weightsFrom(inputs, (name) => name)
      const options = { name: '', batchSize, numHeads, isCausal, dropoutAt: noDropout }
      return selfAttention(rowsOf(x), weights, options)
    })
  },
})
