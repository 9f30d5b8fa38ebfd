import loss from '../../../src/engine/losses/koLeo.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'koleo',
  isFor: (file) => isAbout(file, /^KoLeo/i),
  check(golden, context) {
    golden.choice('eps', [1e-8])
    return checkLoss(golden, context, (inputs) =>
      loss.compute({}, { embeddings: { embeddings: matrix(inputs, 'x') } }),
    )
  },
})
