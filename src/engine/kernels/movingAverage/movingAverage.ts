import type { LabBackend } from '../../backend/labBackend.ts'
import type { BufferRange } from '../../backend/plannedBuffer.ts'
import {
  add,
  isFinite,
  mul,
  slice,
  sub,
  tidy,
  where,
  type Tensor,
  type Tensor1D,
} from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { tensorOver } from '../rowChunks.ts'
import { bindings, constants, elementGrid, finiteness, float, forEachElement } from '../wgsl.ts'

export interface MovingAverageOptions {
  /** From 0 to below 1: how much of the average stays. */
  readonly decay: number
  /** [2] f32: factor on every gradient, norm of all gradients */
  readonly clip: Tensor1D
}

/**
 * average += (1 - decay) · (value - average), number by number, in place and in one dispatch; it stays as it is where the
 * norm is not finite. What equals its average leaves it as it is.
 * @param average float32 of one length with `value`, a multiple of 4
 */
export function movingAverage(
  backend: LabBackend,
  average: BufferRange,
  value: BufferRange,
  options: MovingAverageOptions,
): void {
  if (fusedBackend('movingAverage') === null) {
    tidy(() => {
      const [old, fresh] = [tensorOver(backend, average), tensorOver(backend, value)]
      backend.copy(movingAverageTwin(old, fresh, options), average)
    })
    return
  }
  const { decay, clip } = options
  backend.dispatch({
    key: `movingAverage ${decay}`,
    wgsl: () =>
      bindings({ average: 'vec4<f32>' }, { value: 'vec4<f32>', clip: 'f32' }) +
      constants({ FRESH: float(1 - decay) }) +
      finiteness +
      `fn each(i: u32) {
  if (is_finite_bits(clip[1])) { average[i] += FRESH * (value[i] - average[i]); }
}
` +
      forEachElement('arrayLength(&average)'),
    writes: [average],
    reads: [value, clip],
    grid: elementGrid(backend, average.size / 16),
  })
}

/** The new average, from tfjs's operations. */
export function movingAverageTwin(
  average: Tensor,
  value: Tensor,
  { decay, clip }: MovingAverageOptions,
): Tensor {
  return tidy(() => {
    const next: Tensor = add(average, mul(sub(value, average), 1 - decay))
    return where(isFinite(slice(clip, 1, 1)), next, average)
  })
}
