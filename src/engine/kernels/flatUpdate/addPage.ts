import type { LabBackend } from '../../backend/labBackend.ts'
import type { BufferRange } from '../../backend/plannedBuffer.ts'
import { add, tidy } from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { tensorOver } from '../rowChunks.ts'
import { bindings, elementGrid, forEachElement } from '../wgsl.ts'

/** total += term, element by element: float32 of one length, a multiple of 128. */
export function addPage(backend: LabBackend, total: BufferRange, term: BufferRange): void {
  if (fusedBackend('flatUpdate') === null) {
    tidy(() => backend.copy(add(tensorOver(backend, total), tensorOver(backend, term)), total))
    return
  }
  backend.dispatch({
    key: 'addPage',
    wgsl: () =>
      bindings({ total: 'vec4<f32>' }, { term: 'vec4<f32>' }) +
      'fn each(i: u32) { total[i] += term[i]; }\n' +
      forEachElement('arrayLength(&total)'),
    writes: [total],
    reads: [term],
    grid: elementGrid(backend, total.size / 16),
  })
}
