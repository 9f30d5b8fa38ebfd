import * as tf from '../../../src/engine/backend/tfjs.ts'
import { crossAttention } from '../../../src/engine/nn/crossAttention.ts'
import { noDropout } from '../../../src/engine/nn/dropoutSites.ts'
import type { Weights } from '../../../src/engine/nn/parameter.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLayer, type LayerInputs } from '../layerCase.ts'
import { rowsOf } from '../layerWeights.ts'

export default defineKind({
  id: 'cross_attention',
  isFor: (file) => isAbout(file, /^multi-head attention: queries from one sequence/i),
  async check(golden, context) {
    const numHeads = golden.param('heads')
    golden.choice('batch_first', [true])
    // Nothing to compare with: weights of the attention are never stored.
    golden.expected.takeIfThere('attention_weights_mean_over_heads')
    await checkLayer(golden, context, (inputs) => {
      const query = inputs.get('query')
      const memory = inputs.has('memory') ? inputs.get('memory') : query
      const keyMask = inputs.has('memory_is_padding') ? realRows(inputs.get('memory_is_padding')) : null
      const options = { name: '', batchSize: query.shape[0]!, numHeads, keyMask, dropoutAt: noDropout }
      return crossAttention(rowsOf(query), rowsOf(memory), weightsOf(inputs), options)
    })
  },
})

/** 1 where their mask of padding has 0. */
function realRows(isPadding: tf.Tensor): tf.Tensor2D {
  return tf.cast(tf.equal(isPadding, tf.zerosLike(isPadding)), 'int32') as tf.Tensor2D
}

/** Their matrices are [out, in]; one bias holds those of queries, keys and values. */
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
      if (name === 'c_proj.bias') return inputs.get('out_bias')
      return tf.split(inputs.get('in_bias'), 3)[biases.indexOf(name)]
    },
  }
}
