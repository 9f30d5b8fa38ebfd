import type * as jax from '@jax-js/jax'
import type { Array as JaxArray } from '@jax-js/jax'
import { normEpsilon } from '../hyper.ts'
import type { JaxWeight } from '../models/benchModel.ts'
import type { StackSize } from '../models/stackSize.ts'

/** The library, loaded at run time: it must not come along with every command. */
export type Jax = typeof jax

/** Parts of transformers in jax-js. Every array that is given is consumed; `.ref` keeps one more use. */
export function createJaxParts({ nn, numpy: np }: Jax) {
  function norm(x: JaxArray, gain: JaxArray, bias: JaxArray): JaxArray {
    const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }))
    const variance = np.mean(centred.ref.mul(centred.ref), -1, { keepdims: true })
    return centred
      .div(np.sqrt(variance.add(normEpsilon)))
      .mul(gain)
      .add(bias)
  }

  const dense = (x: JaxArray, weight: JaxArray, bias: JaxArray) => np.matmul(x, weight).add(bias)

  const pair = (weight: JaxWeight, name: string): [JaxArray, JaxArray] => [
    weight(`${name}.weight`),
    weight(`${name}.bias`),
  ]

  function block(x: JaxArray, weight: JaxWeight, prefix: string, size: StackSize): JaxArray {
    const { batchSize, seqLen, numHeads, embedDim, isCausal } = size
    const part = (name: string) => pair(weight, `${prefix}${name}`)
    const packed = dense(norm(x.ref, ...part('ln_1')), ...part('attn.c_attn'))
    const qkv = packed.reshape([batchSize, seqLen, 3, numHeads, embedDim / numHeads])
    const [q, k, v] = [qkv.ref.slice([], [], 0), qkv.ref.slice([], [], 1), qkv.slice([], [], 2)]
    const mixed = nn.dotProductAttention(q, k, v, { isCausal }).reshape([batchSize * seqLen, embedDim])
    const middle = x.add(dense(mixed, ...part('attn.c_proj')))
    const hidden = nn.gelu(dense(norm(middle.ref, ...part('ln_2')), ...part('mlp.c_fc')), {
      approximate: true,
    })
    return middle.add(dense(hidden, ...part('mlp.c_proj')))
  }

  return {
    norm,
    dense,
    pair,

    /** Pre-norm blocks for rows [B*T, D]. `prefix` is that of `h.0.`. */
    blocks(x: JaxArray, weight: JaxWeight, prefix: string, size: StackSize): JaxArray {
      for (let layer = 0; layer < size.numLayers; layer++) x = block(x, weight, `${prefix}h.${layer}.`, size)
      return x
    },

    /** Rows of `table` [vocabSize, D]: a product with one-hot rows, as indexing by an array fails inside jit (0.1.25). */
    embed: (ids: JaxArray, table: JaxArray): JaxArray => np.matmul(nn.oneHot(ids, table.shape[0]!), table),

    /** Mean cross-entropy of logits [N, C] against int32 targets [N]. */
    crossEntropy(logits: JaxArray, targets: JaxArray): JaxArray {
      const [rows, classes] = logits.shape as [number, number]
      const picked = nn.logSoftmax(logits, -1).mul(nn.oneHot(targets, classes))
      return picked.sum().mul(-1 / rows)
    },
  }
}
