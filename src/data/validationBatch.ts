import type { TokenArray } from '../core/prepared.ts'
import { requireWindow, windowBatch, type TokenBatch } from './samplers/defineSampler.ts'

/**
 * Batch `batch` of `batches`: windows spread evenly from the first token to the last, the same in every run, so that
 * losses compare. Where there are more windows than tokens they overlap. Throws `split-too-short`.
 */
export function validationBatch(request: {
  tokens: TokenArray
  batchSize: number
  seqLen: number
  batch: number
  batches: number
}): TokenBatch {
  const { tokens, batchSize, seqLen, batch, batches } = request
  requireWindow(tokens, seqLen, 'validation')
  const last = tokens.length - 1 - seqLen
  const gaps = Math.max(1, batches * batchSize - 1)
  const starts = Float64Array.from({ length: batchSize }, (_, row) =>
    Math.floor(((batch * batchSize + row) * last) / gaps),
  )
  return windowBatch(tokens, starts, seqLen)
}
