import * as tf from '../../../src/engine/backend/tfjs.ts'
import { sinkhorn } from '../../../src/engine/losses/parts/sinkhorn.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { toDevice } from '../goldenTensor.ts'

export default defineKind({
  id: 'sinkhorn',
  isFor: (file) => isAbout(file, /^Sinkhorn-Knopp codes/i),
  async check(golden, context) {
    const options = { iterations: golden.param('iterations'), epsilon: golden.param('epsilon') }
    await context.device()
    const scores = toDevice(golden.input('scores')) as tf.Tensor2D
    const codes = tf.tidy(() => sinkhorn(scores, options))
    golden.compare('codes', await codes.data<'float32'>(), golden.closeness)
    tf.dispose([scores, codes])
  },
})
