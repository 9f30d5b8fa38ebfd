import loss from '../../../src/engine/losses/contrastivePair.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { labelledOf, reducers } from '../pairCase.ts'

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
      reducer: golden.params.has('reducer')
        ? reducers[golden.choice('reducer', ['avg_nonzero', 'mean'])]
        : reducers.avg_nonzero,
    }
    return checkLoss(golden, context, (inputs) => loss.compute(params, labelledOf(inputs)))
  },
})
