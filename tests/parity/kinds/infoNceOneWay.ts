import loss from '../../../src/engine/losses/infoNce.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { pairsOf } from '../pairCase.ts'

export default defineKind({
  id: 'info-nce',
  isFor: (file) => isAbout(file, /^infonce, query to key/i),
  check(golden, context) {
    const params = { temperature: golden.param('temperature'), isTemperatureLearned: false }
    return checkLoss(golden, context, (inputs) => loss.compute(params, pairsOf(inputs, ['query', 'key'])))
  },
})
