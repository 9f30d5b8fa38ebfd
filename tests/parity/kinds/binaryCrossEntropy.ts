import type { Tensor1D } from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/binaryCrossEntropy.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'binary-cross-entropy',
  isFor: (file) => isAbout(file, /^binary cross-entropy with logits/i),
  check: (golden, context) =>
    checkLoss(golden, context, (inputs) => {
      const positiveWeights = inputs.has('pos_weight') ? (inputs.get('pos_weight') as Tensor1D) : null
      const weights = inputs.has('weight') ? inputs.get('weight') : null
      const [logits, targets] = [matrix(inputs, 'logits'), matrix(inputs, 'targets')]
      return loss.compute({}, { binary: { logits, targets, positiveWeights, weights } })
    }),
})
