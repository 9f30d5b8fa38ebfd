import type { LabBackend } from '../../backend/labBackend.ts'
import { isFinite, slice, tidy, where, type Tensor, type Tensor1D } from '../../backend/tfjs.ts'
import { isSwitchedOff } from '../mode.ts'
import { bindings, constants, elementGrid, finiteness, forEachElement } from '../wgsl.ts'

/**
 * target = value where the norm of all gradients is finite; else it stays: a broken gradient must not break the weights.
 * @param target in place
 * @param clip [2] f32: factor on every gradient, norm of all gradients
 */
export function keepFinite(backend: LabBackend, target: Tensor, value: Tensor, clip: Tensor1D): void {
  if (isSwitchedOff(backend, 'flatUpdate')) {
    tidy(() => backend.copy(where(isFinite(slice(clip, 1, 1)), value, target), backend.rangeOf(target)))
    backend.forgetHostCopy(target)
    return
  }
  backend.dispatch({
    key: `keepFinite ${target.size}`,
    wgsl: () =>
      // As bits: whole numbers are tiny floats, which a device may flush to zero.
      bindings({ kept: 'u32' }, { value: 'u32', clip: 'f32' }) +
      constants({ SIZE: target.size }) +
      finiteness +
      'fn each(i: u32) { if (is_finite_bits(clip[1])) { kept[i] = value[i]; } }\n' +
      forEachElement('SIZE'),
    writes: [target],
    reads: [value, clip],
    grid: elementGrid(backend, target.size),
  })
}
