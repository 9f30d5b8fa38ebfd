import loss from '../../../src/engine/losses/tripletMargin.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'triplet-margin',
  isFor: (file) => isAbout(file, /^triplet margin loss on given triplets/i),
  check(golden, context) {
    const params = {
      margin: golden.param('margin'),
      isNormalized: false,
      isSquared: false,
      isSwapped: golden.flag('swap', false),
      p: golden.param('p'),
      epsilon: golden.param('eps'),
      isSummed: golden.isSummed,
    }
    return checkLoss(golden, context, (inputs) => {
      const [anchor, positive] = [matrix(inputs, 'anchor'), matrix(inputs, 'positive')]
      return loss.compute(params, { triplets: { anchor, positive, negative: matrix(inputs, 'negative') } })
    })
  },
})
