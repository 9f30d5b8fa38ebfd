import * as tf from '../../../src/engine/backend/tfjs.ts'
import { causalAttention } from '../../../src/engine/kernels/attention/attention.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLayer } from '../layerCase.ts'
import { Unsupported } from '../unsupported.ts'

/** Only what plain multi-head attention covers: as many key and value heads as query heads. */
export default defineKind({
  id: 'grouped_query_attention',
  isFor: (file) => isAbout(file, /^causal grouped-query attention/i),
  async check(golden, context) {
    const numHeads = golden.param('heads')
    const keyHeads = golden.param('kv_heads')
    golden.choice('causal', [true])
    if (keyHeads !== numHeads) {
      throw new Unsupported(`${keyHeads} key heads for ${numHeads} query heads: the engine has one for each`)
    }
    await checkLayer(golden, context, (inputs) => {
      const [batchSize, , seqLen, headDim] = inputs.get('q').shape as [number, number, number, number]
      const width = numHeads * headDim
      // [B, H, T, headDim] to [B*T, D] side by side, and back
      const parts = ['q', 'k', 'v'].map((name) =>
        tf.reshape(tf.transpose(inputs.get(name), [0, 2, 1, 3]), [batchSize * seqLen, width]),
      )
      const qkv = tf.concat(parts, 1) as tf.Tensor2D
      const mixed = causalAttention(qkv, { batchSize, seqLen, numHeads, rotary: null, dropout: null })
      return tf.transpose(tf.reshape(mixed, [batchSize, seqLen, numHeads, headDim]), [0, 2, 1, 3])
    })
  },
})
