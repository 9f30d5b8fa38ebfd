import * as tf from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/coca.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { largestScale, pairsOf, scalarsOf } from '../pairCase.ts'
import { targetsFrom } from '../targets.ts'

export default defineKind({
  id: 'coca',
  isFor: (file) => isAbout(file, /^CoCa/i),
  check(golden, context) {
    const contrastiveWeight = golden.param('clip_loss_weight')
    const captionWeight = golden.param('caption_loss_weight')
    const isNormalized = golden.flag('normalize', true)
    const params = {
      temperature: 1,
      isTemperatureLearned: true,
      isNormalized,
      largestScale,
      contrastiveWeight,
      captionWeight,
    }
    const padding = golden.param('pad_id')
    return checkLoss(golden, context, (inputs) => {
      const { pairs } = pairsOf(inputs, ['image_features', 'text_features'])
      const targets: tf.Tensor2D = targetsFrom(inputs.get('labels'), padding)
      const logits = inputs.get('logits') as tf.Tensor3D
      const memory = scalarsOf(inputs, { logScale: 'log_logit_scale' })
      const result = loss.compute(params, { captionedPairs: { ...pairs, logits, targets } }, memory)
      const weighted = (part: string, weight: number) => tf.mul(result.parts[part]!, weight)
      return {
        loss: result.loss,
        others: {
          contrastive_loss: weighted('contrastive', contrastiveWeight),
          caption_loss: weighted('caption', captionWeight),
        },
      }
    })
  },
})
