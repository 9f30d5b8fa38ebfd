import {
  add,
  cast,
  expandDims,
  matMul,
  mean,
  mul,
  reshape,
  slice,
  softmax,
  sub,
  transpose,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from '../backend/tfjs.ts'

/** Added to scores of what is not there: its share is 0 in float32. */
const hidden = -1e9

export interface WeightSizes {
  readonly batchSize: number
  readonly numHeads: number
  readonly numKeyHeads: number
  /** int32 [B, Tk], 1 for keys that are there; null for all. */
  readonly keyMask: Tensor2D | null
}

/**
 * What attention without rotary positions or bias weighs values with, mean over heads: [B, Tq, Tk]. Slow and plain, for
 * looking at. q [B*Tq, H * headDim], kv [B*Tk, 2 * Hkv * headDim].
 */
export function meanWeights(
  { q, kv }: { readonly q: Tensor2D; readonly kv: Tensor2D },
  { batchSize, numHeads, numKeyHeads, keyMask }: WeightSizes,
): Tensor3D {
  const headDim = q.shape[1] / numHeads
  const [queries, keys] = [q.shape[0] / batchSize, kv.shape[0] / batchSize]
  const perKeyHead = numHeads / numKeyHeads
  const k = slice(kv, [0, 0], [-1, numKeyHeads * headDim])
  // Query heads that read the same keys lie side by side: [B, Hkv, perKeyHead * Tq, headDim].
  const asked = reshape<Tensor4D['rankType']>(
    transpose(reshape(q, [batchSize, queries, numKeyHeads, perKeyHead * headDim]), [0, 2, 1, 3]),
    [batchSize, numKeyHeads, queries * perKeyHead, headDim],
  )
  const held = transpose(reshape(k, [batchSize, keys, numKeyHeads, headDim]), [0, 2, 1, 3])
  const scores: Tensor = mul(matMul(asked, held, false, true), 1 / Math.sqrt(headDim)) // [B, Hkv, Tq * perKeyHead, Tk]
  const bias =
    keyMask === null ? null : mul(sub(1, cast(expandDims(expandDims(keyMask, 1), 1), 'float32')), hidden) // [B, 1, 1, Tk]
  const shares = softmax(bias === null ? scores : add(scores, bias))
  return mean(reshape(shares, [batchSize, numKeyHeads, queries, perKeyHead * keys]), 1) as Tensor3D
}
