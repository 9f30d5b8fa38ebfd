import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import {
  bindings,
  constants,
  elementGrid,
  float,
  forEachElement,
  forEachRow,
  newTensor,
  rowGrid,
} from '../wgsl.ts'
import type { CrossEntropyOptions } from './crossEntropy.ts'
import logitsGradientBody from './logitsGradient.wgsl?raw'
import meanLossBody from './meanLoss.wgsl?raw'
import rowLossBody from './rowLoss.wgsl?raw'

/** Forward 2 dispatches; backward 1, which makes the softmax again from two numbers a row. */
export function fusedCrossEntropy(
  backend: LabBackend,
  logits: Tensor2D,
  targets: Tensor1D,
  options: CrossEntropyOptions,
): Scalar {
  return tf.customGrad((logitsIn, saver) => {
    const save = saver as tf.GradSaveFunc
    const { loss, share, stats } = forward(backend, logitsIn as Tensor2D, targets, options)
    save([logitsIn as Tensor, targets, stats, share])
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor => backward(backend, dy, saved, options)
    return { value: loss, gradFunc }
  })(logits) as Scalar
}

function forward(
  backend: LabBackend,
  logits: Tensor2D,
  targets: Tensor1D,
  options: CrossEntropyOptions,
): { loss: Tensor; share: Tensor; stats: Tensor } {
  const [rows, width] = logits.shape
  const lanes = backend.rowLanes
  const { text, key } = settings(width, options)
  const rowLoss = newTensor<tf.Rank.R1>(backend, [rows])
  const stats = newTensor<tf.Rank.R2>(backend, [rows, 2])
  backend.dispatch({
    key: `rowLoss ${lanes} ${key}`,
    wgsl: () =>
      bindings({ row_loss: 'f32', stats: 'vec2<f32>' }, { logits: 'f32', targets: 'i32' }) +
      text +
      rowLossBody +
      forEachRow(lanes, 'arrayLength(&row_loss)'),
    writes: [rowLoss, stats],
    reads: [logits, targets],
    grid: rowGrid(backend, rows, lanes),
  })
  const loss = newTensor<tf.Rank.R0>(backend, [])
  const share = newTensor<tf.Rank.R0>(backend, [])
  backend.dispatch({
    key: `meanLoss ${key}`,
    wgsl: () =>
      bindings({ loss: 'f32', share: 'f32' }, { row_loss: 'f32', targets: 'i32' }) +
      text +
      meanLossBody +
      forEachRow(64, '1u'),
    writes: [loss, share],
    reads: [rowLoss, targets],
    grid: [1, 1, 1],
  })
  return { loss, share, stats }
}

function backward(backend: LabBackend, dy: Tensor, saved: Tensor[], options: CrossEntropyOptions): Tensor {
  const [logits, targets, stats, share] = saved as [Tensor2D, Tensor1D, Tensor, Tensor]
  const [rows, width] = logits.shape
  const gradient = newTensor<tf.Rank.R2>(backend, [rows, width])
  const { text, key } = settings(width, options)
  backend.dispatch({
    key: `logitsGradient ${key}`,
    wgsl: () =>
      bindings(
        { gradient: 'f32' },
        { logits: 'f32', targets: 'i32', stats: 'vec2<f32>', share: 'f32', dy: 'f32' },
      ) +
      text +
      logitsGradientBody +
      forEachElement('arrayLength(&gradient)'),
    writes: [gradient],
    reads: [logits, targets, stats, share, dy],
    grid: elementGrid(backend, gradient.size),
  })
  return gradient
}

/** What all three programs share. */
function settings(
  width: number,
  { labelSmoothing, ignoreIndex }: CrossEntropyOptions,
): { text: string; key: string } {
  const counted = ignoreIndex === null ? 'true' : `target_id != ${ignoreIndex}`
  const text =
    constants({ WIDTH: width, SMOOTHING: float(labelSmoothing) }) +
    `fn is_counted(target_id: i32) -> bool { return ${counted}; }\n`
  return { text, key: `${width} ${labelSmoothing} ${ignoreIndex}` }
}
