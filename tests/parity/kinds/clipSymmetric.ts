import * as tf from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/clip.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber } from '../json.ts'
import { checkLoss } from '../lossCase.ts'
import { largestScale, pairsOf, scalarsOf } from '../pairCase.ts'

export default defineKind({
  id: 'clip',
  isFor: (file) => isAbout(file, /^clip symmetric contrastive/i),
  check(golden, context) {
    const isNormalized = golden.flag('normalize', true)
    const isTemperatureLearned = golden.inputs.has('log_logit_scale')
    const fixedScale = golden.params.takeIfThere('logit_scale') // not looked at where there is a learned one
    const temperature = isTemperatureLearned ? 1 : 1 / asNumber(fixedScale, 'params.logit_scale')
    return checkLoss(golden, context, (inputs) => {
      const params = { temperature, isTemperatureLearned, isNormalized, largestScale }
      const memory = isTemperatureLearned ? scalarsOf(inputs, { logScale: 'log_logit_scale' }) : undefined
      const pairs = pairsOf(inputs, ['image_features', 'text_features'])
      const result = loss.compute(params, pairs, memory)
      if (!inputs.has('logit_bias')) return result
      // What is added to all logits leaves every softmax as it is.
      const nothing = tf.mul(tf.sum(inputs.get('logit_bias')), 0)
      return { loss: tf.add(result.loss, nothing) as tf.Scalar }
    })
  },
})
