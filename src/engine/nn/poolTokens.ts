import { offTape } from '../backend/offTape.ts'
import {
  add,
  expandDims,
  fill,
  max,
  mul,
  range,
  reshape,
  scalar,
  slice,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
} from '../backend/tfjs.ts'
import { embedding } from '../kernels/embedding/embedding.ts'
import { meanTokens } from '../kernels/tokenPooling/meanTokens.ts'
import { crossAttention } from './crossAttention.ts'
import type { DropoutAt } from './dropoutSites.ts'
import { spread } from './initialization.ts'
import { matrixOf, type Init, type ParameterSpec, type Weights } from './parameter.ts'
import { denseParameters } from './transformerBlock.ts'

/**
 * How tokens become one vector: the first one, the last one that counts, their mean, or what a learned query `probe` [1, D] attends to (Lee et
 * al. 2019, Zhai et al. 2022).
 */
export type TokenPooling = 'class-token' | 'last-token' | 'mean' | 'attention'

export interface PoolTokensOptions {
  readonly pooling: TokenPooling
  /** Prefix of the weight names `probe` and those of `crossAttention`, with its dot; only for `attention`. */
  readonly name: string
  readonly batchSize: number
  readonly numHeads: number
  /** int32 [B, T], 1 for tokens that count; null for all. The first one is taken in any case. */
  readonly mask: Tensor2D | null
  readonly dropoutAt: DropoutAt
}

/** x [B*T, D]: [B, D]. */
export function poolTokens(x: Tensor2D, weights: Weights, options: PoolTokensOptions): Tensor2D {
  const { pooling, name, batchSize, numHeads, mask, dropoutAt } = options
  switch (pooling) {
    case 'class-token':
      return firstToken(x, batchSize)
    case 'last-token':
      return embedding(x, lastRows(x.shape[0] / batchSize, batchSize, mask))
    case 'mean':
      return meanTokens(x, batchSize, mask)
    case 'attention': {
      const probe = matrixOf(weights, `${name}probe`)
      const queries: Tensor2D = add(fill([batchSize, 1], 0), probe) // [B, D]
      return crossAttention(queries, x, weights, { name, batchSize, numHeads, keyMask: mask, dropoutAt })
    }
  }
}

function firstToken(x: Tensor2D, batchSize: number): Tensor2D {
  const width = x.shape[1]
  const tokens: Tensor3D = reshape(x, [batchSize, x.shape[0] / batchSize, width])
  return reshape(slice(tokens, [0, 0, 0], [batchSize, 1, width]), [batchSize, width])
}

/** int32 [B]: rows of [B*T] of the last tokens that count; of none the first. */
function lastRows(seqLen: number, batchSize: number, mask: Tensor2D | null): Tensor1D {
  return offTape(() => {
    const first = range(0, batchSize * seqLen, seqLen, 'int32')
    if (mask === null) return add(first, scalar(seqLen - 1, 'int32'))
    // The largest place that counts.
    const places: Tensor2D = mul(mask, expandDims(range(0, seqLen, 1, 'int32'), 0))
    return add(first, max(places, 1)) as Tensor1D
  })
}

/** The weights of pooling by attention, for rows [N, width]. */
export function poolParameters(
  name: string,
  width: number,
  options: { readonly init: Init; readonly hasBias: boolean },
): ParameterSpec[] {
  return [
    { name: `${name}probe`, shape: [1, width], kind: 'embedding', init: spread },
    ...['q_attn', 'k_attn', 'v_attn', 'c_proj'].flatMap((part) =>
      denseParameters(`${name}${part}`, [width, width], options),
    ),
  ]
}
