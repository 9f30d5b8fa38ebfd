import * as tf from '../../../src/engine/backend/tfjs.ts'
import { ignoredTarget } from '../../../src/engine/losses/lossInputs.ts'
import { sequenceLogProbabilities } from '../../../src/engine/losses/parts/sequenceLogProbabilities.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { targetsFrom } from '../targets.ts'

export default defineKind({
  id: 'sequence-log-probabilities',
  isFor: (file) => isAbout(file, /^log-probability of a completion/i),
  check(golden, context) {
    const isMean = golden.choice('average', [true, false])
    const ignored = golden.param('ignore')
    return checkLoss(golden, context, (inputs) => {
      const labels: tf.Tensor2D = targetsFrom(inputs.get('labels'), ignored)
      // Their logits at t speak of the label at t + 1, ours of the target at t.
      const following = tf.slice(labels, [0, 1], [-1, -1])
      const last = tf.fill([labels.shape[0], 1], ignoredTarget, 'int32')
      const targets = tf.concat([following, last], 1) as tf.Tensor2D
      const found = sequenceLogProbabilities(inputs.get('logits') as tf.Tensor3D, targets, { isMean })
      return { loss: tf.sum(found), others: { sequence_logps: found } }
    })
  },
})
