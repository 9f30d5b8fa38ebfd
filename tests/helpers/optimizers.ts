import { LabBackend } from '../../src/engine/backend/labBackend.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import type { UpdateMoment } from '../../src/engine/optim/defineOptimizer.ts'
import type { Updater } from '../../src/engine/optim/updater.ts'

/** One update with given gradients, in the order of the learners, as a session makes it on the current backend. */
export function applyGradients(
  updater: Updater,
  gradients: readonly tf.Tensor[],
  moment: UpdateMoment,
  maxNorm = 0,
): void {
  const backend = tf.backend()
  tf.tidy(() => {
    if (!(backend instanceof LabBackend)) {
      updater.apply(gradients, { ...moment, numbers: null }, maxNorm)
      return
    }
    const { layout, pages } = updater.gradients!
    updater.learners.forEach(({ spec }, i) => {
      const { page, offset, length } = layout.places.get(spec.name)!
      backend.copy(gradients[i]!, { buffer: pages[page]!.buffer, offset: 4 * offset, size: 4 * length })
    })
    const numbers = updater.numbers(moment)
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
    const buffer = backend.device.createBuffer({ size: numbers.byteLength, usage })
    backend.device.queue.writeBuffer(buffer, 0, numbers)
    updater.apply(null, { ...moment, numbers: { buffer, offset: 0, size: numbers.byteLength } }, maxNorm)
    backend.flush()
    buffer.destroy()
  })
}
