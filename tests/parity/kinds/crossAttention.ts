import * as tf from '../../../src/engine/backend/tfjs.ts'
import { crossAttention } from '../../../src/engine/nn/crossAttention.ts'
import { noDropout } from '../../../src/engine/nn/dropoutSites.ts'
import type { Weights } from '../../../src/engine/nn/parameter.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLayer, type LayerInputs } from '../layerCase.ts'
import { rowsOf } from '../layerWeights.ts'

const attended = 'attention_weights_mean_over_heads'

export default defineKind({
  id: 'cross_attention',
  isFor: (file) => isAbout(file, /^multi-head attention: queries from one sequence/i),
  async check(golden, context) {
    const numHeads = golden.param('heads')
    const turned = golden.flag('batch_first', true) ? (x: tf.Tensor) => x : swapped
    let weights: tf.Tensor | null = null
    try {
      await checkLayer(golden, context, (inputs) => {
        const query = turned(inputs.get('query'))
        const memory = inputs.has('memory') ? turned(inputs.get('memory')) : query
        const keyMask = inputs.has('memory_is_padding') ? realRows(inputs.get('memory_is_padding')) : null
        const [batchSize, seqLen, width] = query.shape as [number, number, number]
        const mixed = crossAttention(rowsOf(query), rowsOf(memory), weightsOf(inputs), {
          name: '',
          batchSize,
          numHeads,
          keyMask,
          dropoutAt: noDropout,
          onWeights: (shown) => {
            weights ??= tf.keep(tf.clone(shown))
          },
        })
        return turned(tf.reshape(mixed, [batchSize, seqLen, width]))
      })
      if (!golden.expected.has(attended)) return
      const tolerance = { abs: golden.tolerance('output_abs'), rel: 0 }
      golden.compare(attended, await weights!.data<'float32'>(), tolerance)
    } finally {
      tf.dispose(weights ?? [])
    }
  },
})

/** [T, B, D] as [B, T, D], and back. */
function swapped(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [1, 0, 2])
}

/** 1 where their mask of padding has 0. */
function realRows(isPadding: tf.Tensor): tf.Tensor2D {
  return tf.cast(tf.equal(isPadding, tf.zerosLike(isPadding)), 'int32') as tf.Tensor2D
}

/** Their matrices are [out, in]; one bias, where there is one, holds those of queries, keys and values. */
function weightsOf(inputs: LayerInputs): Weights {
  const matrices: Readonly<Record<string, string>> = {
    'q_attn.weight': 'q_weight',
    'k_attn.weight': 'k_weight',
    'v_attn.weight': 'v_weight',
    'c_proj.weight': 'out_weight',
  }
  const biases = ['q_attn.bias', 'k_attn.bias', 'v_attn.bias']
  return {
    get(name) {
      const matrix = matrices[name]
      if (matrix !== undefined) return tf.transpose(inputs.get(matrix))
      if (name === 'c_proj.bias') return inputs.has('out_bias') ? inputs.get('out_bias') : undefined
      if (!inputs.has('in_bias')) return undefined
      return tf.split(inputs.get('in_bias'), 3)[biases.indexOf(name)]
    },
  }
}
