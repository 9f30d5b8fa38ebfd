import loss from '../../../src/engine/losses/ntXent.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { pairsOf } from '../pairCase.ts'

export default defineKind({
  id: 'nt-xent',
  isFor: (file) => isAbout(file, /^nt-xent \(simclr\)/i),
  check(golden, context) {
    const params = { temperature: golden.param('temperature'), isTemperatureLearned: false }
    return checkLoss(golden, context, (inputs) => loss.compute(params, pairsOf(inputs, ['out0', 'out1'])))
  },
})
