import * as tf from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/crossEntropy.ts'
import { rowCrossEntropy } from '../../../src/engine/losses/parts/rowCrossEntropy.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { targetsFrom } from '../targets.ts'

export default defineKind({
  id: 'cross-entropy',
  isFor: (file) => isAbout(file, /^softmax cross-entropy with integer labels/i),
  check(golden, context) {
    const labelSmoothing = golden.param('label_smoothing')
    const ignored = golden.param('ignore_index')
    const { isSummed } = golden
    return checkLoss(golden, context, (inputs) => {
      const logits = inputs.get('logits') as tf.Tensor2D
      const targets: tf.Tensor1D = targetsFrom(inputs.get('labels'), ignored)
      const classWeights = inputs.has('class_weight') ? (inputs.get('class_weight') as tf.Tensor1D) : null
      const rows = rowCrossEntropy(logits, targets, { labelSmoothing, classWeights })
      const result = loss.compute({ labelSmoothing }, { classes: { logits, targets, classWeights } })
      return { loss: isSummed ? tf.sum(rows) : result.loss, others: { per_row: rows } }
    })
  },
})
