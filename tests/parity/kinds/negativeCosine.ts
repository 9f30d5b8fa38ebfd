import loss from '../../../src/engine/losses/negativeCosine.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { pairsOf } from '../pairCase.ts'

export default defineKind({
  id: 'negative-cosine',
  isFor: (file) => isAbout(file, /^negative cosine similarity/i),
  check(golden, context) {
    const epsilon = golden.param('eps')
    return checkLoss(golden, context, (inputs) => loss.compute({ epsilon }, pairsOf(inputs, ['x0', 'x1'])))
  },
})
