import type { LabBackend } from '../backend/labBackend.ts'
import type { Tensor } from '../backend/tfjs.ts'
import { bindings, elementGrid, forEachElement, units } from './wgsl.ts'

/** sum += part, in place; one dispatch. */
export function addInto(backend: LabBackend, sum: Tensor, part: Tensor): void {
  const { type, count } = units(sum.size)
  backend.dispatch({
    key: `addInto ${type}`,
    wgsl: () =>
      bindings({ sum: type }, { part: type }) +
      'fn each(i: u32) { sum[i] += part[i]; }\n' +
      forEachElement('arrayLength(&sum)'),
    writes: [sum],
    reads: [part],
    grid: elementGrid(backend, count),
  })
}
