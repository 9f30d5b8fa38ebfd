import type * as tf from '../../../src/engine/backend/tfjs.ts'
import { alibiSlopes } from '../../../src/engine/kernels/attention/alibi.ts'
import { attention, plainAttention } from '../../../src/engine/kernels/attention/attention.ts'
import { fromRows, packedRows } from '../attentionRows.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import { asTensor } from '../goldenTensor.ts'
import { checkLayer } from '../layerCase.ts'

export default defineKind({
  id: 'alibi',
  isFor: (file) => isAbout(file, /^ALiBi/i),
  async check(golden, context) {
    const numHeads = golden.param('heads')
    if (golden.expected.has('slopes')) {
      golden.compare('slopes', alibiSlopes(numHeads), golden.closeness)
      return
    }
    const isCausal = golden.flag('causal', true)
    compareBias(golden, numHeads)
    await checkLayer(golden, context, (inputs) => {
      const [q, k, v] = ['q', 'k', 'v'].map((name) => inputs.get(name) as tf.Tensor4D)
      const sizes = { batchSize: q!.shape[0], numHeads, numKeyHeads: numHeads }
      const options = { ...plainAttention, ...sizes, isCausal, hasAlibi: true }
      return fromRows(attention({ qkv: packedRows([q!, k!, v!]) }, options), q!.shape)
    })
  },
})

/** `bias_lower_triangle_head0`: [T, T], zero above the diagonal. */
function compareBias(golden: GoldenCase, numHeads: number): void {
  const name = 'bias_lower_triangle_head0'
  if (!golden.expected.has(name)) return
  const { shape, values } = asTensor(golden.expected.take(name), golden.expected.where(name))
  const seqLen = shape[0]!
  const slope = alibiSlopes(numHeads)[0]!
  const ours = values.map((_, at) => -slope * Math.max(0, Math.floor(at / seqLen) - (at % seqLen)))
  golden.comparison.close(name, ours, values, { abs: golden.tolerance('output_abs'), rel: 0 })
}
