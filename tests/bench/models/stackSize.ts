/** A stack of transformer blocks, whose feed-forward parts are four times as wide, and what it reads. */
export interface StackSize {
  readonly numLayers: number
  readonly embedDim: number
  readonly numHeads: number
  readonly batchSize: number
  /** Tokens of one sequence. */
  readonly seqLen: number
  readonly isCausal: boolean
}

/**
 * Floating-point operations of its matrix products in one step, a multiply-add counted as two; the backward pass costs
 * twice the forward pass. Attention is counted over the full square.
 */
export function stackFlops({ numLayers, embedDim, seqLen, batchSize }: StackSize): number {
  const tokens = batchSize * seqLen
  const projections = 2 * tokens * embedDim * embedDim * (3 + 1 + 4 + 4)
  const attention = 2 * 2 * tokens * seqLen * embedDim
  return 3 * numLayers * (projections + attention)
}
