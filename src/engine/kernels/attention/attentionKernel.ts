import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { counterOf, dropoutUniforms } from '../dropout/dropoutKernel.ts'
import { newTensor } from '../wgsl.ts'
import type { AttentionOptions } from './attention.ts'
import {
  type AttentionShape,
  attentionThreads,
  forwardWgsl,
  keyValueGradientWgsl,
  queryGradientWgsl,
} from './attentionWgsl.ts'
import { rotate } from './rotaryKernel.ts'

/**
 * No T × T buffer: weights are made again in the backward pass from two numbers a query. Forward 1 dispatch, backward
 * 2, and one more each with rotary positions.
 */
export function fusedAttention(backend: LabBackend, qkv: Tensor2D, options: AttentionOptions): Tensor2D {
  const { seqLen, numHeads, rotary } = options
  const turn = rotary && { seqLen, numHeads, base: rotary.base }
  return tf.customGrad((qkvIn, saver) => {
    const save = saver as tf.GradSaveFunc
    const x = turn ? rotate(backend, qkvIn as Tensor, 'forward', turn) : (qkvIn as Tensor)
    const { y, stats } = forward(backend, x, options)
    save([x, y, stats])
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor => {
      const dx = backward(backend, dy, saved, options)
      if (!turn) return dx
      const dqkv = rotate(backend, dx, 'backward', turn)
      dx.dispose()
      return dqkv
    }
    return { value: y, gradFunc }
  })(qkv) as Tensor2D
}

function shapeOf(
  backend: LabBackend,
  x: Tensor,
  { seqLen, numHeads, dropout }: AttentionOptions,
): AttentionShape {
  const headDim = x.shape[1]! / 3 / numHeads
  return { seqLen, numHeads, headDim, hasDropout: dropout !== null, keysAtOnce: backend.isSoftware ? 1 : 4 }
}

function keyOf({ seqLen, numHeads, headDim, hasDropout, keysAtOnce }: AttentionShape): string {
  return `${seqLen} ${numHeads} ${headDim} ${hasDropout} ${keysAtOnce}`
}

function sharedBy({ batchSize, seqLen, numHeads, dropout }: AttentionOptions): {
  grid: [number, number, number]
  uniforms?: ArrayBuffer
} {
  const grid: [number, number, number] = [Math.ceil(seqLen / attentionThreads(seqLen)), numHeads, batchSize]
  return dropout ? { grid, uniforms: dropoutUniforms(dropout) } : { grid }
}

/** What the programs read last where there is dropout. */
function countersOf({ dropout }: AttentionOptions): Tensor[] {
  return dropout ? [counterOf(dropout)] : []
}

function forward(backend: LabBackend, x: Tensor, options: AttentionOptions): { y: Tensor; stats: Tensor } {
  const { batchSize, seqLen, numHeads } = options
  const shape = shapeOf(backend, x, options)
  const y = newTensor<tf.Rank.R2>(backend, [batchSize * seqLen, numHeads * shape.headDim])
  const stats = newTensor<tf.Rank.R4>(backend, [batchSize, numHeads, seqLen, 2])
  const counters = countersOf(options)
  backend.dispatch({
    ...sharedBy(options),
    key: `attention ${keyOf(shape)}`,
    wgsl: () => forwardWgsl(shape),
    writes: [y, stats],
    reads: [x, ...counters],
  })
  tf.dispose(counters)
  return { y, stats }
}

function backward(backend: LabBackend, dy: Tensor, saved: Tensor[], options: AttentionOptions): Tensor {
  const [x, y, stats] = saved as [Tensor, Tensor, Tensor]
  const { batchSize, seqLen, numHeads } = options
  const shape = shapeOf(backend, x, options)
  const dx = newTensor(backend, x.shape)
  const overlap = newTensor<tf.Rank.R3>(backend, [batchSize, numHeads, seqLen])
  const counters = countersOf(options)
  backend.dispatch({
    ...sharedBy(options),
    key: `attention query gradient ${keyOf(shape)}`,
    wgsl: () => queryGradientWgsl(shape),
    writes: [dx, overlap],
    reads: [x, y, dy, stats, ...counters],
  })
  backend.dispatch({
    ...sharedBy(options),
    key: `attention key value gradient ${keyOf(shape)}`,
    wgsl: () => keyValueGradientWgsl(shape),
    writes: [dx],
    reads: [x, dy, stats, overlap, ...counters],
  })
  tf.dispose([overlap, ...counters])
  return dx
}
