import * as tf from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/clipDistillation.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { largestScale, matrix, pairsOf, scalarsOf } from '../pairCase.ts'

export default defineKind({
  id: 'clip-distillation',
  isFor: (file) => isAbout(file, /^CLIP distillation/i),
  check(golden, context) {
    const isNormalized = golden.flag('normalize', true)
    const params = { temperature: 1, isTemperatureLearned: true, isNormalized, largestScale }
    return checkLoss(golden, context, (inputs) => {
      const { pairs } = pairsOf(inputs, ['image_features', 'text_features'])
      const taughtPairs = {
        ...pairs,
        teacherA: matrix(inputs, 'teacher_image_features'),
        teacherB: matrix(inputs, 'teacher_text_features'),
        teacherScale: tf.exp(inputs.get('teacher_log_logit_scale')) as tf.Tensor1D,
      }
      const memory = scalarsOf(inputs, { logScale: 'log_logit_scale' })
      const { loss: value, parts } = loss.compute(params, { taughtPairs }, memory)
      return {
        loss: value,
        others: { contrastive_loss: parts['contrastive']!, distill_loss: parts['distilled']! },
      }
    })
  },
})
