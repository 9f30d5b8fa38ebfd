import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { type RowChunk, rowsOf } from '../rowChunks.ts'
import { rowTeam } from '../rowTeam.ts'
import { scaledSlopes } from '../scaledSlopes.ts'
import { isTapeOn } from '../../backend/tape.ts'
import { bindings, constants, float, newTensor } from '../wgsl.ts'
import { meanLosses, newMeans } from './meanLosses.ts'
import { addSlopes, forEachChunk, learnedNumber, newSlopes, pairPart } from './pairScores.ts'
import pairSigmoidsBody from './pairSigmoids.wgsl?raw'
import type { SigmoidSimilarityOptions } from './sigmoidSimilarityLoss.ts'

/**
 * Dispatches, with gradients: for each chunk 3 products and 1 of the pairs; 1 of means, 1 of scaling. Each similarity is
 * made once: its gradient needs nothing of the others.
 */
export function fusedSigmoidSimilarity(
  backend: LabBackend,
  a: Tensor2D,
  b: Tensor2D,
  options: SigmoidSimilarityOptions,
): Scalar {
  const isTaped = isTapeOn()
  const { scale, bias, weight } = options
  const learned = [scale, bias].filter((value) => typeof value !== 'number')
  const [value] = customGradients([a, b, ...learned], (save) => {
    const losses = newTensor<tf.Rank.R2>(backend, [a.shape[0], 4])
    const slopes = isTaped ? newSlopes(backend, a, b) : null
    forEachChunk(backend, a, b, (scores, rows, chunk) => {
      takePairs(backend, { scores, losses, chunk, share: weight / a.shape[0], isTaped }, options)
      if (slopes !== null) addSlopes(backend, slopes, b, [scores, rows, chunk])
    })
    const means = newMeans(backend)
    meanLosses(backend, means, { rows: losses, columns: null, weight })
    const kept = slopes === null ? [] : [slopes.a, slopes.b!, means.slope, means.fourth]
    save(kept)
    // What is saved lives on; the rest need not wait for the end of the step.
    tf.dispose([losses, means.slope, means.fourth, means.shares, ...kept])
    return {
      values: [means.loss],
      gradFunc: ([dy], saved) => {
        const [aSlopes, bSlopes, slope, biasSlope] = saved as [Tensor2D, Tensor2D, Tensor, Tensor]
        const outputs = [aSlopes, bSlopes].map(({ shape }) => newTensor<tf.Rank.R2>(backend, shape))
        scaledSlopes(backend, { slopes: [aSlopes, bSlopes], outputs, factors: [dy!] })
        return [
          ...outputs,
          ...(typeof scale === 'number' ? [] : [tf.mul(slope, dy!)]),
          ...(typeof bias === 'number' ? [] : [tf.mul(biasSlope, dy!)]),
        ]
      },
    }
  })
  return value as Scalar
}

interface Pairs {
  scores: Tensor2D
  /** [N, 4] */
  losses: Tensor2D
  chunk: RowChunk
  /** What a pair's gradient counts. */
  share: number
  isTaped: boolean
}

function takePairs(
  backend: LabBackend,
  { scores, losses, chunk, share, isTaped }: Pairs,
  options: SigmoidSimilarityOptions,
): void {
  const [rows, columns] = scores.shape
  const team = rowTeam(backend, { rows, units: columns, count: 'arrayLength(&losses)' })
  const pairs = pairPart(backend, columns, chunk, options)
  const bias = learnedNumber('bias', 'learned_bias', options.bias, 'learned_bias[0]')
  backend.dispatch({
    key: `pairSigmoids ${team.key} ${pairs.key} ${bias.key} ${share} ${isTaped}`,
    wgsl: () =>
      bindings(
        { scores: 'f32', losses: 'vec4<f32>' },
        { ...pairs.bindings, ...bias.bindings },
        'first_row: u32',
      ) +
      constants({ SHARE: float(share), IS_TAPED: isTaped }) +
      pairs.text +
      bias.text +
      pairSigmoidsBody +
      team.text,
    writes: [scores, rowsOf(backend, losses, chunk)],
    reads: [...pairs.tensors, ...bias.tensors],
    uniforms: Uint32Array.of(chunk.first, 0, 0, 0).buffer,
    grid: team.grid,
  })
}
