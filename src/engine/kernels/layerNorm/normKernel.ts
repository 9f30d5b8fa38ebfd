import { customGradients } from '../../backend/customGradients.ts'
import type { Dispatch } from '../../backend/dispatch.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { StoredType } from '../../backend/storedType.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { gradientOutput } from '../gradientOutput.ts'
import {
  bindings,
  constants,
  elementGrid,
  enabling,
  float,
  forEachElement,
  newStored,
  newTensor,
  units,
} from '../wgsl.ts'
import { backwardBlocks, rowTeams } from './normShape.ts'
import backwardAloneBody from './normBackwardAlone.wgsl?raw'
import backwardSharedBody from './normBackwardShared.wgsl?raw'
import finishBody from './normFinish.wgsl?raw'
import forwardAloneBody from './normForwardAlone.wgsl?raw'
import forwardSharedBody from './normForwardShared.wgsl?raw'
import rowSumsBody from './rowSums.wgsl?raw'

export interface NormOptions {
  /** Subtract the mean (layer norm) or not (RMS norm). */
  isCentred: boolean
  gain: Tensor1D | null
  bias: Tensor1D | null
  epsilon: number
  /** How the normalised rows are stored. */
  stored: StoredType
}

/**
 * Layer and RMS normalisation share their kernels: forward 1 dispatch; backward 1, and 1 more for gain and bias. Kept
 * for the backward pass: x, and mean and 1 / deviation of each row.
 */
export function fusedNorm(backend: LabBackend, x: Tensor2D, options: NormOptions): Tensor2D {
  const [y] = customGradients(inputsOf(x, options), (save) => {
    const { y, stats } = forward(backend, x, options)
    save([x, stats])
    return {
      values: [y],
      gradFunc: ([dy], saved) => backward(backend, { dy: dy!, residual: null, saved }, options),
    }
  })
  return y as Tensor2D
}

/** The same, with x itself as the first value: the gradient of both comes out of the same dispatches. */
export function fusedNormFork(
  backend: LabBackend,
  x: Tensor2D,
  options: NormOptions,
): [x: Tensor2D, y: Tensor2D] {
  return customGradients(inputsOf(x, options), (save) => {
    const { y, stats } = forward(backend, x, options)
    save([x, stats])
    return {
      values: [x.clone(), y],
      gradFunc: ([residual, dy], saved) =>
        backward(backend, { dy: dy!, residual: residual!, saved }, options),
    }
  }) as [Tensor2D, Tensor2D]
}

function inputsOf(x: Tensor2D, { gain, bias }: NormOptions): Tensor[] {
  return [x, gain, bias].filter((tensor) => tensor !== null)
}

function forward(backend: LabBackend, x: Tensor2D, options: NormOptions): { y: Tensor; stats: Tensor } {
  const { isCentred, gain, bias, epsilon, stored } = options
  backend.refuseHalf('the input of a norm', inputsOf(x, options))
  const [rows, width] = x.shape
  const y = newStored<tf.Rank.R2>(backend, [rows, width], stored)
  const stats = newTensor<tf.Rank.R2>(backend, [rows, 2])
  const { type, count, text } = units(width, stored)
  const shape = rowTeams(count)
  const isAlone = backend.isSoftware
  backend.dispatch({
    key: `normForward ${isAlone} ${width} ${epsilon} ${isCentred} ${gain !== null} ${bias !== null} ${stored}`,
    takesHalf: true,
    wgsl: () =>
      enabling(stored) +
      text +
      bindings({ y: type, stats: 'vec2<f32>' }, { x: 'Unit', ...vectors('Unit', { gain, bias }) }) +
      constants({ EPSILON: float(epsilon), IS_CENTRED: isCentred }) +
      accessor('gain', 'i', gain !== null, 1) +
      accessor('bias', 'i', bias !== null, 0) +
      (isAlone
        ? forwardAloneBody + forEachElement('arrayLength(&stats)')
        : constants(shape.constants) + rowSumsBody + forwardSharedBody),
    writes: [y, stats],
    reads: [x, gain, bias].filter((tensor) => tensor !== null),
    grid: isAlone ? elementGrid(backend, rows) : backend.line(Math.ceil(rows / shape.rowsAtOnce)),
  })
  return { y, stats }
}

interface Backward {
  dy: Tensor
  /** What else is added to the gradient of x. */
  residual: Tensor | null
  /** x and its stats. */
  saved: readonly Tensor[]
}

/** Gradients of x, and of gain and bias where they are there. */
function backward(backend: LabBackend, { dy, residual, saved }: Backward, options: NormOptions): Tensor[] {
  const [x, stats] = saved as [Tensor2D, Tensor2D]
  const { gain, bias, isCentred } = options
  const [rows, width] = x.shape
  const { type, count, text } = units(width)
  const isAlone = backend.isSoftware
  const shape = rowTeams(count)
  const { block, blocks } = backwardBlocks(rows, isAlone)
  const dx = newTensor<tf.Rank.R2>(backend, [rows, width])
  const hasWeights = gain !== null || bias !== null
  const partial = hasWeights ? newTensor<tf.Rank.R3>(backend, [blocks, 2, width]) : null
  backend.dispatch({
    key: `normBackward ${isAlone} ${width} ${isCentred} ${gain !== null} ${hasWeights} ${residual !== null}`,
    wgsl: () =>
      text +
      bindings(
        { dx: type, ...(hasWeights ? { partial: 'Unit' } : {}) },
        { dy: type, x: type, stats: 'vec2<f32>', ...vectors(type, { gain, residual }) },
      ) +
      constants({ ...(isAlone ? { BLOCK: block } : {}), IS_CENTRED: isCentred }) +
      accessor('gain', 'i', gain !== null, 1) +
      accessor('residual', 'i', residual !== null, 0) +
      partialWriter(hasWeights) +
      (isAlone ? backwardAloneBody : constants(shape.constants) + rowSumsBody + backwardSharedBody),
    writes: [dx, partial].filter((tensor) => tensor !== null),
    reads: [dy, x, stats, gain, residual].filter((tensor) => tensor !== null),
    grid: backend.line(Math.ceil(blocks / (isAlone ? 32 : shape.rowsAtOnce))),
  })
  if (partial === null) return [dx]
  const gradients = finish(backend, partial, options)
  partial.dispose()
  return [dx, ...gradients]
}

/** Adds the blocks up, into the gradients of gain and bias. */
function finish(backend: LabBackend, partial: Tensor, { gain, bias }: NormOptions): Tensor[] {
  const width = partial.shape[2]!
  const weights = [gain, bias].filter((weight) => weight !== null)
  const gradients = weights.map((weight) => gradientOutput(backend, weight))
  const lanes = backend.isSoftware ? 1 : 8
  const dispatch: Dispatch = {
    key: `normFinish ${lanes} ${width} ${gain !== null} ${bias !== null}`,
    wgsl: () =>
      bindings(
        { ...(gain ? { gain_gradient: 'f32' } : {}), ...(bias ? { bias_gradient: 'f32' } : {}) },
        { partial: 'f32' },
      ) +
      constants({ WIDTH: width, LANES: lanes }) +
      putter('gain', gain !== null) +
      putter('bias', bias !== null) +
      laneSums(lanes) +
      finishBody,
    writes: gradients,
    reads: [partial],
    grid: backend.line(Math.ceil(width / (64 / lanes))),
  }
  backend.dispatch(dispatch)
  return gradients
}

function vectors(type: string, tensors: Record<string, Tensor | null>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([, tensor]) => tensor !== null)
      .map(([name]) => [name, type]),
  )
}

function accessor(name: string, index: string, isThere: boolean, otherwise: number): string {
  return `fn ${name}_at(${index}: u32) -> Unit { return Unit(${isThere ? `${name}[${index}]` : float(otherwise)}); }\n`
}

function partialWriter(isThere: boolean): string {
  const lines = `partial[block * 2u * UNITS + i] = gain_sum;
  partial[(block * 2u + 1u) * UNITS + i] = bias_sum;`
  return `fn put_partial(block: u32, i: u32, gain_sum: Unit, bias_sum: Unit) { ${isThere ? lines : ''} }\n`
}

function putter(name: string, isThere: boolean): string {
  return `fn put_${name}(i: u32, value: f32) { ${isThere ? `${name}_gradient[i] = value;` : ''} }\n`
}

function laneSums(lanes: number): string {
  if (lanes === 1)
    return 'fn lane_sums(value: vec2<f32>, thread: u32, across: u32) -> vec2<f32> { return value; }\n'
  return `var<workgroup> lane_values: array<vec2<f32>, 64>;
fn lane_sums(value: vec2<f32>, thread: u32, across: u32) -> vec2<f32> {
  lane_values[thread] = value;
  workgroupBarrier();
  var sum = vec2<f32>(0.0);
  for (var at = thread % across; at < 64u; at += across) { sum += lane_values[at]; }
  return sum;
}
`
}
