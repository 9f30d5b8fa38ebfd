import type { Tensor1D } from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/distillation.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'distillation',
  isFor: (file) => isAbout(file, /^knowledge distillation/i),
  check(golden, context) {
    const params = { temperature: golden.param('temperature'), alpha: golden.param('alpha') }
    return checkLoss(golden, context, (inputs) => {
      const targets = inputs.get('labels') as Tensor1D
      const [logits, teacher] = [matrix(inputs, 'student_logits'), matrix(inputs, 'teacher_logits')]
      const result = loss.compute(params, { taught: { logits, teacher, targets } })
      return {
        loss: result.loss,
        others: { kl_term: result.parts['soft']!, hard_term: result.parts['hard']! },
      }
    })
  },
})
