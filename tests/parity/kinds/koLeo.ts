import loss from '../../../src/engine/losses/koLeo.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'koleo',
  isFor: (file) => isAbout(file, /^KoLeo/i),
  check(golden, context) {
    const epsilon = golden.param('eps')
    return checkLoss(golden, context, (inputs) =>
      loss.compute({ epsilon }, { embeddings: { embeddings: matrix(inputs, 'x') } }),
    )
  },
})
