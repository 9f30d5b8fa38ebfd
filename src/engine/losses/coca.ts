import { add, mul, reshape, type Scalar } from '../backend/tfjs.ts'
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import { defineLoss } from './defineLoss.ts'
import { ignoredTarget } from './lossInputs.ts'
import { contrastFields, symmetricContrast } from './parts/symmetricContrast.ts'
import { temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * CoCa (Yu et al. 2022): CLIP's contrastive loss of the pairs and the cross-entropy of their captions, over the tokens that
 * count, weighted. a, b [B, D], logits [B, S, V], targets int32 [B, S].
 */
export default defineLoss({
  id: 'coca',
  title: 'CoCa',
  summary: 'Contrasts pairs and writes their captions at once.',
  formula: 'w₁·CLIP(a, b) + w₂·CE(captions)',
  use: 'Image and text models that search and describe.',
  link: 'https://arxiv.org/abs/2205.01917',
  accepts: 'captionedPairs',
  fields: {
    ...temperatureFields,
    ...contrastFields,
    contrastiveWeight: {
      type: 'number',
      label: 'Contrastive weight',
      help: 'Factor of the contrastive loss.',
      default: 1,
      min: 0,
      max: 1000,
      step: 0.1,
    },
    captionWeight: {
      type: 'number',
      label: 'Caption weight',
      help: 'Factor of the captions’ cross-entropy.',
      default: 2,
      min: 0,
      max: 1000,
      step: 0.1,
    },
  },
  scalars: temperatureScalars,
  compute(params, { logits, targets, ...pairs }, memory) {
    const { loss: contrastive, parts: alike } = symmetricContrast(params, pairs, memory)
    const caption = crossEntropy(reshape(logits, [-1, logits.shape[2]]), reshape(targets, [-1]), {
      labelSmoothing: 0,
      ignoreIndex: ignoredTarget,
    })
    const loss: Scalar = add(mul(contrastive, params.contrastiveWeight), mul(caption, params.captionWeight))
    return { loss, parts: { contrastive, caption, ...alike } }
  },
})
