import type * as tf from '../../../src/engine/backend/tfjs.ts'
import { attention, plainAttention } from '../../../src/engine/kernels/attention/attention.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { fromRows, packedRows } from '../attentionRows.ts'
import { checkLayer } from '../layerCase.ts'

export default defineKind({
  id: 'grouped_query_attention',
  isFor: (file) => isAbout(file, /^causal grouped-query attention/i),
  check(golden, context) {
    const numHeads = golden.param('heads')
    const numKeyHeads = golden.param('kv_heads')
    const isCausal = golden.flag('causal', true)
    return checkLayer(golden, context, (inputs) => {
      const [q, k, v] = ['q', 'k', 'v'].map((name) => inputs.get(name) as tf.Tensor4D)
      const batchSize = q!.shape[0]
      const options = { ...plainAttention, batchSize, numHeads, numKeyHeads, isCausal }
      return fromRows(attention({ qkv: packedRows([q!, k!, v!]) }, options), q!.shape)
    })
  },
})
