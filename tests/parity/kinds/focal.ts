import type { Tensor1D } from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/focal.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'focal',
  isFor: (file) => isAbout(file, /^softmax focal loss/i),
  check(golden, context) {
    const params = { gamma: golden.param('gamma') }
    return checkLoss(golden, context, (inputs) => {
      const classWeights = inputs.has('class_alpha') ? (inputs.get('class_alpha') as Tensor1D) : null
      const targets = inputs.get('labels') as Tensor1D
      return loss.compute(params, { classes: { logits: matrix(inputs, 'logits'), targets, classWeights } })
    })
  },
})
