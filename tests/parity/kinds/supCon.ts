import loss from '../../../src/engine/losses/supCon.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { labelledOf } from '../pairCase.ts'

export default defineKind({
  id: 'supervised-contrastive',
  isFor: (file) => isAbout(file, /^supervised contrastive loss/i),
  check(golden, context) {
    // The reference gives 0 for a batch of one class.
    const params = {
      temperature: golden.param('temperature'),
      isTemperatureLearned: false,
      needsNegatives: true,
    }
    return checkLoss(golden, context, (inputs) => loss.compute(params, labelledOf(inputs)))
  },
})
