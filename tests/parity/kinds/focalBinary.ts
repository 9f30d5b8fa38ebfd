import loss from '../../../src/engine/losses/focalBinary.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'binary-focal',
  isFor: (file) => isAbout(file, /^sigmoid focal loss/i),
  check(golden, context) {
    const alpha = golden.param('alpha')
    // The reference turns the balance off by a negative alpha.
    const params = {
      gamma: golden.param('gamma'),
      isBalanced: alpha >= 0,
      alpha: Math.max(0, alpha),
      isSummed: golden.isSummed,
    }
    return checkLoss(golden, context, (inputs) => {
      const [logits, targets] = [matrix(inputs, 'logits'), matrix(inputs, 'targets')]
      return loss.compute(params, { binary: { logits, targets, positiveWeights: null } })
    })
  },
})
