import type { Tensor1D } from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/supCon.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

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
    return checkLoss(golden, context, (inputs) => {
      const labels = inputs.get('labels') as Tensor1D
      return loss.compute(params, { labelled: { embeddings: matrix(inputs, 'embeddings'), labels } })
    })
  },
})
