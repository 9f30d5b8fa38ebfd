import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { rowTeam, unitParts } from '../rowTeam.ts'
import { bindings, constants, float, newTensor, units } from '../wgsl.ts'
import type { CrossEntropyOptions } from './crossEntropy.ts'
import logitsGradientBody from './logitsGradient.wgsl?raw'
import meanLossBody from './meanLoss.wgsl?raw'
import rowLossBody from './rowLoss.wgsl?raw'
import rowStateBody from './rowState.wgsl?raw'

/** Forward 2 dispatches; backward 1, which makes the softmax again from two numbers a row. */
export function fusedCrossEntropy(
  backend: LabBackend,
  logits: Tensor2D,
  targets: Tensor1D,
  options: CrossEntropyOptions,
): Scalar {
  return tf.customGrad((logitsIn, saver) => {
    const save = saver as tf.GradSaveFunc
    const { rowLoss, stats } = rowLosses(backend, logitsIn as Tensor2D, targets, options)
    const { loss, share } = meanLoss(backend, rowLoss, targets, options)
    save([logitsIn as Tensor, targets, stats, share])
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor => backward(backend, dy, saved, options)
    return { value: loss, gradFunc }
  })(logits) as Scalar
}

function rowLosses(
  backend: LabBackend,
  logits: Tensor2D,
  targets: Tensor1D,
  options: CrossEntropyOptions,
): { rowLoss: Tensor1D; stats: Tensor } {
  const [rows, width] = logits.shape
  const { type, count } = units(width)
  const team = rowTeam(backend, { rows, units: count, count: 'arrayLength(&row_loss)' })
  const rowLoss = newTensor<tf.Rank.R1>(backend, [rows])
  const stats = newTensor<tf.Rank.R2>(backend, [rows, 2])
  backend.dispatch({
    key: `rowLoss ${team.key} ${width} ${keyOf(options)}`,
    wgsl: () =>
      bindings({ row_loss: 'f32', stats: 'vec2<f32>' }, { logits: type, targets: 'i32' }) +
      rowText(width, options) +
      rowLossBody +
      team.text,
    writes: [rowLoss, stats],
    reads: [logits, targets],
    grid: team.grid,
  })
  return { rowLoss, stats }
}

/** The loss, and 1 / rows that count. */
export function meanLoss(
  backend: LabBackend,
  rowLoss: Tensor1D,
  targets: Tensor1D,
  options: CrossEntropyOptions,
): { loss: Scalar; share: Scalar } {
  const team = rowTeam(backend, { rows: 1, units: rowLoss.size, count: '1u' })
  const loss = newTensor<tf.Rank.R0>(backend, [])
  const share = newTensor<tf.Rank.R0>(backend, [])
  backend.dispatch({
    key: `meanLoss ${team.key} ${options.ignoreIndex}`,
    wgsl: () =>
      bindings({ loss: 'f32', share: 'f32' }, { row_loss: 'f32', targets: 'i32' }) +
      countedText(options) +
      meanLossBody +
      team.text,
    writes: [loss, share],
    reads: [rowLoss, targets],
    grid: team.grid,
  })
  return { loss, share }
}

function backward(backend: LabBackend, dy: Tensor, saved: Tensor[], options: CrossEntropyOptions): Tensor {
  const [logits, targets, stats, share] = saved as [Tensor2D, Tensor1D, Tensor, Tensor]
  const [rows, width] = logits.shape
  const { type, count } = units(width)
  const team = rowTeam(backend, { rows, units: count, count: 'arrayLength(&stats)' })
  const gradient = newTensor<tf.Rank.R2>(backend, [rows, width])
  backend.dispatch({
    key: `logitsGradient ${team.key} ${width} ${keyOf(options)}`,
    wgsl: () =>
      bindings(
        { gradient: type },
        { logits: type, targets: 'i32', stats: 'vec2<f32>', share: 'f32', dy: 'f32' },
      ) +
      rowText(width, options) +
      logitsGradientBody +
      team.text,
    writes: [gradient],
    reads: [logits, targets, stats, share, dy],
    grid: team.grid,
  })
  return gradient
}

export function keyOf({ labelSmoothing, ignoreIndex }: CrossEntropyOptions): string {
  return `${labelSmoothing} ${ignoreIndex}`
}

/** What programs over rows of logits share: `row_state` and `unit_gradient`. */
export function rowText(width: number, options: CrossEntropyOptions): string {
  const { type, text } = units(width)
  const logit = type === 'f32' ? 'logits[i]' : 'logits[i / 4u][i % 4u]'
  return (
    text +
    unitParts(type) +
    constants({ SMOOTHING: float(options.labelSmoothing) }) +
    countedText(options) +
    `fn logit_at(i: u32) -> f32 { return f32(${logit}); }\n` +
    rowStateBody
  )
}

function countedText({ ignoreIndex }: CrossEntropyOptions): string {
  const counted = ignoreIndex === null ? 'true' : `target_id != ${ignoreIndex}`
  return `fn is_counted(target_id: i32) -> bool { return ${counted}; }\n`
}
