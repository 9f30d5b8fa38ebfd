import loss from '../../../src/engine/losses/contrastivePair.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { labelledOf } from '../pairCase.ts'

export default defineKind({
  id: 'contrastive-pair',
  isFor: (file) => isAbout(file, /^margin contrastive loss/i),
  check(golden, context) {
    const params = {
      distance: 'euclidean',
      isNormalized: true,
      positiveMargin: golden.param('pos_margin'),
      negativeMargin: golden.param('neg_margin'),
      isSquared: false,
      reducer: 'avg-nonzero',
    }
    return checkLoss(golden, context, (inputs) => loss.compute(params, labelledOf(inputs)))
  },
})
