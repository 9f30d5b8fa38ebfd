import type { LabBackend } from '../../backend/labBackend.ts'
import type { BufferRange } from '../../backend/plannedBuffer.ts'
import { clipByValue as clamp, engine, isFinite, tidy, where, type Tensor } from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { bindings, constants, elementGrid, finiteness, float, forEachElement } from '../wgsl.ts'

/**
 * Every number brought within -limit to limit, as torch's clip_grad_value_, in place and in one dispatch. Those that are
 * not finite stay, so that the norm tells of them.
 * @param values float32, of a length that is a multiple of 4
 * @param limit above 0
 */
export function clipByValue(backend: LabBackend, values: BufferRange, limit: number): void {
  if (fusedBackend('clipByValue') === null) {
    tidy(() => {
      const view = backend.viewOf(values, [values.size / 4], 'float32')
      backend.copy(clipByValueTwin(engine().makeTensorFromTensorInfo(view), limit), values)
    })
    return
  }
  backend.dispatch({
    key: `clipByValue ${limit}`,
    wgsl: () =>
      bindings({ values: 'f32' }, {}) +
      constants({ LIMIT: float(limit) }) +
      finiteness +
      `fn each(i: u32) {
  if (is_finite_bits(values[i])) { values[i] = clamp(values[i], -LIMIT, LIMIT); }
}
` +
      forEachElement('arrayLength(&values)'),
    writes: [values],
    reads: [],
    grid: elementGrid(backend, values.size / 4),
  })
}

/** The same as a new tensor, from tfjs's operations. */
export function clipByValueTwin(x: Tensor, limit: number): Tensor {
  return tidy(() => where(isFinite(x), clamp(x, -limit, limit), x))
}
