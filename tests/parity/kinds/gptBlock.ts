import { noDropout } from '../../../src/engine/nn/dropoutSites.ts'
import { transformerBlock } from '../../../src/engine/nn/transformerBlock.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLayer } from '../layerCase.ts'
import { rowsOf, weightsFrom } from '../layerWeights.ts'

const bends = { gelu_exact: 'gelu-exact', gelu_tanh: 'gelu-tanh' } as const

export default defineKind({
  id: 'gpt_block',
  isFor: (file) => isAbout(file, /^pre-norm GPT block/i),
  check(golden, context) {
    const numHeads = golden.param('heads')
    const normEpsilon = golden.param('ln_eps')
    const activation = bends[golden.choice('activation', ['gelu_exact', 'gelu_tanh'])]
    return checkLayer(golden, context, (inputs) => {
      const x = inputs.get('x')
      const batchSize = x.shape[0]!
      return transformerBlock(
        rowsOf(x),
        weightsFrom(inputs, (name) => name),
        {
          name: '',
          batchSize,
          isCausal: true,
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
