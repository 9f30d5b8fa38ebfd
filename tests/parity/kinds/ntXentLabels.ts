import loss from '../../../src/engine/losses/ntXentLabels.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { labelledOf } from '../pairCase.ts'

export default defineKind({
  id: 'nt-xent-labels',
  isFor: (file) => isAbout(file, /^nt-xent over all positive pairs/i),
  check(golden, context) {
    const params = { temperature: golden.param('temperature'), isTemperatureLearned: false }
    return checkLoss(golden, context, (inputs) => loss.compute(params, labelledOf(inputs)))
  },
})
