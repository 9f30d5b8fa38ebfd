import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { columnBlocks, columnGrid } from '../columnBlocks.ts'
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
import columnsBody from './normColumns.wgsl?raw'
import finishBody from './normFinish.wgsl?raw'
import forwardBody from './normForward.wgsl?raw'
import inputGradientBody from './normInputGradient.wgsl?raw'

export interface NormOptions {
  /** Subtract the mean (layer norm) or not (RMS norm). */
  isCentred: boolean
  gain: Tensor1D | null
  bias: Tensor1D | null
  epsilon: number
}

/** Layer and RMS normalisation share their kernels: forward 1 dispatch, backward 1, and 2 more for gain and bias. */
export function fusedNorm(backend: LabBackend, x: Tensor2D, options: NormOptions): Tensor2D {
  const { gain, bias } = options
  const inputs: Tensor[] = [x, gain, bias].filter((tensor) => tensor !== null)
  return tf.customGrad((...args) => {
    const save = args[inputs.length] as tf.GradSaveFunc
    const { y, stats } = forward(backend, x, options)
    save([x, stats, ...(gain ? [gain] : [])])
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => backward(backend, dy, saved, options)
    return { value: y, gradFunc }
  })(...inputs) as Tensor2D
}

function forward(backend: LabBackend, x: Tensor2D, options: NormOptions): { y: Tensor; stats: Tensor } {
  const { isCentred, gain, bias, epsilon } = options
  const [rows, width] = x.shape
  const lanes = backend.rowLanes
  const y = newTensor<tf.Rank.R2>(backend, [rows, width])
  const stats = newTensor<tf.Rank.R2>(backend, [rows, 2])
  backend.dispatch({
    key: `normForward ${lanes} ${width} ${epsilon} ${isCentred} ${gain !== null} ${bias !== null}`,
    wgsl: () =>
      bindings({ y: 'f32', stats: 'vec2<f32>' }, { x: 'f32', ...parameters(gain, bias) }) +
      constants({ WIDTH: width, EPSILON: float(epsilon), IS_CENTRED: isCentred }) +
      accessor('gain', gain !== null, 1) +
      accessor('bias', bias !== null, 0) +
      forwardBody +
      forEachRow(lanes, 'arrayLength(&stats)'),
    writes: [y, stats],
    reads: [x, gain, bias].filter((tensor) => tensor !== null),
    grid: rowGrid(backend, rows, lanes),
  })
  return { y, stats }
}

function backward(backend: LabBackend, dy: Tensor, saved: Tensor[], options: NormOptions): Tensor[] {
  const [x, stats, gain = null] = saved as [Tensor2D, Tensor2D, Tensor1D?]
  const [rows, width] = x.shape
  const lanes = backend.rowLanes
  const dx = newTensor<tf.Rank.R2>(backend, [rows, width])
  backend.dispatch({
    key: `normInputGradient ${lanes} ${width} ${options.isCentred} ${gain !== null}`,
    wgsl: () =>
      bindings({ dx: 'f32' }, { dy: 'f32', x: 'f32', stats: 'vec2<f32>', ...parameters(gain, null) }) +
      constants({ WIDTH: width, IS_CENTRED: options.isCentred }) +
      accessor('gain', gain !== null, 1) +
      inputGradientBody +
      forEachRow(lanes, 'arrayLength(&stats)'),
    writes: [dx],
    reads: [dy, x, stats, ...(gain ? [gain] : [])],
    grid: rowGrid(backend, rows, lanes),
  })
  const hasParameters = options.gain !== null || options.bias !== null
  return hasParameters ? [dx, ...parameterGradients(backend, dy, x, stats, options)] : [dx]
}

/** Of gain and bias, those that are there. */
function parameterGradients(
  backend: LabBackend,
  dy: Tensor,
  x: Tensor2D,
  stats: Tensor,
  options: NormOptions,
): Tensor[] {
  const [rows, width] = x.shape
  const blocks = columnBlocks(rows)
  const partial = newTensor<tf.Rank.R3>(backend, [blocks, 2, width])
  backend.dispatch({
    key: `normColumns ${width}`,
    wgsl: () =>
      bindings({ partial: 'f32' }, { dy: 'f32', x: 'f32', stats: 'vec2<f32>' }) +
      constants({ WIDTH: width }) +
      columnsBody,
    writes: [partial],
    reads: [dy, x, stats],
    grid: columnGrid(backend, width, blocks),
  })
  const hasGain = options.gain !== null
  const hasBias = options.bias !== null
  const gradients = [hasGain, hasBias].filter((has) => has).map(() => newTensor<tf.Rank.R1>(backend, [width]))
  backend.dispatch({
    key: `normFinish ${width} ${hasGain} ${hasBias}`,
    wgsl: () =>
      bindings(
        { ...(hasGain ? { gain_gradient: 'f32' } : {}), ...(hasBias ? { bias_gradient: 'f32' } : {}) },
        { partial: 'f32' },
      ) +
      constants({ WIDTH: width }) +
      putter('gain', hasGain) +
      putter('bias', hasBias) +
      finishBody +
      forEachElement('WIDTH'),
    writes: gradients,
    reads: [partial],
    grid: elementGrid(backend, width),
  })
  partial.dispose()
  return gradients
}

function parameters(gain: Tensor1D | null, bias: Tensor1D | null): Record<string, string> {
  return { ...(gain ? { gain: 'f32' } : {}), ...(bias ? { bias: 'f32' } : {}) }
}

function accessor(name: string, isThere: boolean, otherwise: number): string {
  return `fn ${name}_at(i: u32) -> f32 { return ${isThere ? `${name}[i]` : float(otherwise)}; }\n`
}

function putter(name: string, isThere: boolean): string {
  return `fn put_${name}(i: u32, value: f32) { ${isThere ? `${name}_gradient[i] = value;` : ''} }\n`
}
