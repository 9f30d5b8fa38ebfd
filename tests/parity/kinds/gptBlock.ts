import { noDropout } from '../../../src/engine/nn/dropoutSites.ts'
import { transformerBlock } from '../../../src/engine/nn/transformerBlock.ts'
import { bends } from '../activationNames.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { namesOf } from '../goldenCase.ts'
import { checkLayer } from '../layerCase.ts'
import { rowsOf, weightsFrom } from '../layerWeights.ts'

export default defineKind({
  id: 'gpt_block',
  isFor: (file) => isAbout(file, /^pre-norm GPT block/i),
  check(golden, context) {
    const numHeads = golden.param('heads')
    const normEpsilon = golden.param('ln_eps')
    const activation = bends[golden.choice('activation', namesOf(bends))]
    const isCausal = golden.flag('causal', true)
    return checkLayer(golden, context, (inputs) => {
      const x = inputs.get('x')
      const batchSize = x.shape[0]!
      return transformerBlock(
        rowsOf(x),
        weightsFrom(inputs, (name) => name),
        {
          name: '',
          batchSize,
          isCausal,
          numHeads,
          norm: 'layer-norm',
          normEpsilon,
          activation,
          dropoutAt: noDropout,
        },
      )
    })
  },
})
