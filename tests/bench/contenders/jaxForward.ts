import type * as jax from '@jax-js/jax'
import type { Array as JaxArray } from '@jax-js/jax'
import { normEpsilon, type BenchSize } from '../sizes.ts'

/** The library, loaded at run time: it must not come along with every command. */
export type Jax = typeof jax

/** Looks a weight up by Bunsen's name; each is used once, as the ownership rules of jax-js want it. */
type Lookup = (name: string) => JaxArray

/** The GPT's mean cross-entropy of ids [B*T] against targets [B*T]. */
export function createJaxForward({ nn, numpy: np }: Jax, size: BenchSize) {
  const { batchSize, seqLen, embedDim, numLayers, numHeads, vocabSize } = size

  function layerNorm(x: JaxArray, gain: JaxArray, bias: JaxArray): JaxArray {
    const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }))
    const variance = np.mean(centred.ref.mul(centred.ref), -1, { keepdims: true })
    return centred
      .div(np.sqrt(variance.add(normEpsilon)))
      .mul(gain)
      .add(bias)
  }

  function block(x: JaxArray, part: (name: string) => [JaxArray, JaxArray]): JaxArray {
    const dense = (input: JaxArray, [weight, bias]: [JaxArray, JaxArray]) =>
      np.matmul(input, weight).add(bias)
    const packed = dense(layerNorm(x.ref, ...part('ln_1')), part('attn.c_attn'))
    const qkv = packed.reshape([batchSize, seqLen, 3, numHeads, embedDim / numHeads])
    const [q, k, v] = [qkv.ref.slice([], [], 0), qkv.ref.slice([], [], 1), qkv.slice([], [], 2)]
    const mixed = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([batchSize * seqLen, embedDim])
    const middle = x.add(dense(mixed, part('attn.c_proj')))
    const hidden = nn.gelu(dense(layerNorm(middle.ref, ...part('ln_2')), part('mlp.c_fc')), {
      approximate: true,
    })
    return middle.add(dense(hidden, part('mlp.c_proj')))
  }

  return (weight: Lookup, { ids, targets }: { ids: JaxArray; targets: JaxArray }): JaxArray => {
    // A product with one-hot rows: indexing by an array fails inside jit (jax-js 0.1.25).
    const byToken = np.matmul(nn.oneHot(ids, vocabSize), weight('transformer.wte.weight'))
    const placed = byToken.reshape([batchSize, seqLen, embedDim]).add(weight('transformer.wpe.weight'))
    let x = placed.reshape([batchSize * seqLen, embedDim])
    for (let layer = 0; layer < numLayers; layer++) {
      const prefix = `transformer.h.${layer}.`
      x = block(x, (name) => [weight(`${prefix}${name}.weight`), weight(`${prefix}${name}.bias`)])
    }
    x = layerNorm(x, weight('transformer.ln_f.weight'), weight('transformer.ln_f.bias'))
    const logits = np.matmul(x, weight('lm_head.weight').transpose())
    const picked = nn.logSoftmax(logits, -1).mul(nn.oneHot(targets, vocabSize))
    return picked.sum().mul(-1 / (batchSize * seqLen))
  }
}
