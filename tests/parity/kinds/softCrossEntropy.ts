import loss from '../../../src/engine/losses/softCrossEntropy.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'soft-cross-entropy',
  isFor: (file) => isAbout(file, /^cross-entropy with probability targets/i),
  check(golden, context) {
    const params = { labelSmoothing: golden.param('label_smoothing') }
    return checkLoss(golden, context, (inputs) =>
      loss.compute(params, {
        softClasses: { logits: matrix(inputs, 'logits'), targets: matrix(inputs, 'target_probs') },
      }),
    )
  },
})
