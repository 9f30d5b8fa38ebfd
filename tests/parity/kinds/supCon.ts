import loss from '../../../src/engine/losses/supCon.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { labelledOf, reducers } from '../pairCase.ts'

export default defineKind({
  id: 'supervised-contrastive',
  isFor: (file) => isAbout(file, /^supervised contrastive loss/i),
  check(golden, context) {
    // The reference gives 0 for a batch of one class.
    const params = {
      temperature: golden.param('temperature'),
      isTemperatureLearned: false,
      needsNegatives: true,
      reducer: golden.params.has('reducer')
        ? reducers[golden.choice('reducer', ['avg_nonzero', 'mean'])]
        : reducers.avg_nonzero,
    }
    return checkLoss(golden, context, (inputs) => loss.compute(params, labelledOf(inputs)))
  },
})
