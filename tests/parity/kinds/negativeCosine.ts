import loss from '../../../src/engine/losses/negativeCosine.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { pairsOf } from '../pairCase.ts'

export default defineKind({
  id: 'negative-cosine',
  isFor: (file) => isAbout(file, /^negative cosine similarity/i),
  check(golden, context) {
    // Lengths are at least 1e-12 here; that differs for rows of zeros only.
    golden.choice('eps', [1e-8])
    return checkLoss(golden, context, (inputs) => loss.compute({}, pairsOf(inputs, ['x0', 'x1'])))
  },
})
