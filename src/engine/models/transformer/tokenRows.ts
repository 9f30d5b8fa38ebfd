import { ShapeError } from '../../../core/errors.ts'
import { tensor2d, type Tensor2D } from '../../backend/tfjs.ts'
import { matrixOf, type Weights } from '../../nn/parameter.ts'
import { sinusoidalTable } from '../../nn/sinusoidal.ts'
import type { Tokens } from '../modelInputs.ts'

/** @throws ShapeError `sequence-length` where the tokens are not whole sequences that the context holds */
export function checkTokens(model: string, { ids, batchSize, seqLen }: Tokens, context: number): void {
  if (seqLen <= context && ids.size === batchSize * seqLen) return
  throw new ShapeError(
    `${model}: tokens must be [batchSize * seqLen] with seqLen at most ${context}, got ${ids.size} for ${batchSize} * ${seqLen}`,
    { code: 'sequence-length', remedy: 'Shorten the sequences, or raise the model’s context.' },
  )
}

/**
 * What is added to tokens for their places, [seqLen, embedDim]: the weight `name`, or sines and cosines (Vaswani et al.
 * 2017); null where attention tells places apart, or nothing does.
 */
export function placeTable(
  { positions, seqLen, embedDim }: { positions: string; seqLen: number; embedDim: number },
  weights: Weights,
  name: string,
): Tensor2D | null {
  if (positions === 'learned') return matrixOf(weights, name)
  if (positions !== 'sinusoidal') return null
  const waves = { base: 10_000, firstPosition: 0, style: 'interleaved' } as const
  return tensor2d(sinusoidalTable(seqLen, embedDim, waves), [seqLen, embedDim])
}
