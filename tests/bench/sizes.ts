/** One model of the benchmark. */
export interface BenchSize {
  readonly name: string
  readonly numLayers: number
  readonly embedDim: number
  readonly numHeads: number
  readonly seqLen: number
  readonly batchSize: number
  readonly vocabSize: number
}

export const sizes: readonly BenchSize[] = [
  { name: 'tiny', numLayers: 2, embedDim: 64, numHeads: 2, seqLen: 32, batchSize: 4, vocabSize: 65 },
  { name: 'small', numLayers: 4, embedDim: 128, numHeads: 4, seqLen: 64, batchSize: 8, vocabSize: 65 },
  { name: 'big', numLayers: 4, embedDim: 256, numHeads: 8, seqLen: 128, batchSize: 8, vocabSize: 512 },
]

/** AdamW of all contenders; every weight is decayed. */
export const hyper = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 } as const

export const normEpsilon = 1e-5

/**
 * Floating-point operations of the matrix products of one step, a multiply-add counted as two; the backward pass costs
 * twice the forward pass. Attention is counted over the full square.
 */
export function flopsPerStep({ numLayers, embedDim, seqLen, batchSize, vocabSize }: BenchSize): number {
  const tokens = batchSize * seqLen
  const projections = 2 * tokens * embedDim * embedDim * (3 + 1 + 4 + 4)
  const attention = 2 * 2 * tokens * seqLen * embedDim
  const head = 2 * tokens * embedDim * vocabSize
  return 3 * (numLayers * (projections + attention) + head)
}
