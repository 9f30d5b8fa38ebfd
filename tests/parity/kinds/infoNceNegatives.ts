import loss from '../../../src/engine/losses/infoNceNegatives.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'info-nce-negatives',
  isFor: (file) => isAbout(file, /^infonce with a shared list of negatives/i),
  check(golden, context) {
    const params = { temperature: golden.param('temperature'), isTemperatureLearned: false }
    return checkLoss(golden, context, (inputs) => {
      const [query, key] = [matrix(inputs, 'query'), matrix(inputs, 'key')]
      return loss.compute(params, { queries: { query, key, negatives: matrix(inputs, 'negatives') } })
    })
  },
})
