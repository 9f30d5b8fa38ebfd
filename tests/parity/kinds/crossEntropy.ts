import * as tf from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/crossEntropy.ts'
import { ignoredTarget } from '../../../src/engine/losses/lossInputs.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'

export default defineKind({
  id: 'cross-entropy',
  isFor: (file) => isAbout(file, /^softmax cross-entropy with integer labels/i),
  check(golden, context) {
    const labelSmoothing = golden.param('label_smoothing')
    const ignored = golden.param('ignore_index')
    golden.choice('reduction', ['mean'])
    return checkLoss(golden, context, (inputs) => {
      const labels = inputs.get('labels')
      const targets = tf.where(
        tf.equal(labels, ignored),
        tf.fill(labels.shape, ignoredTarget, 'int32'),
        labels,
      )
      const classes = { logits: inputs.get('logits') as tf.Tensor2D, targets: targets as tf.Tensor1D }
      return loss.compute({ labelSmoothing }, { classes })
    })
  },
})
