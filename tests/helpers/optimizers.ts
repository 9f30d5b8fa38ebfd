import { LabBackend } from '../../src/engine/backend/labBackend.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { defaultsOf } from '../../src/core/schema.ts'
import type { ParameterSpec } from '../../src/engine/nn/parameter.ts'
import type { OptimizerSpec, UpdateMoment } from '../../src/engine/optim/defineOptimizer.ts'
import { Updater } from '../../src/engine/optim/updater.ts'
import { layOut, pageLimit } from '../../src/engine/parameters/layout.ts'
import { createTensorStore } from '../../src/engine/parameters/tensorStore.ts'

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

/** One matrix of weights after given gradients, one step each. */
export async function stepWith(
  optimizer: OptimizerSpec,
  settings: Record<string, number | string | boolean>,
  { start, path, rate }: { start: readonly number[]; path: readonly (readonly number[])[]; rate: number },
): Promise<Float32Array> {
  const params = { ...defaultsOf(optimizer.fields), ...settings }
  const shape = [1, start.length]
  const spec: ParameterSpec = { name: 'w', shape, kind: 'matrix', init: { kind: 'constant', value: 0 } }
  const weights = createTensorStore(layOut([spec], pageLimit()), 'weights')
  weights.write('w', Float32Array.from(start))
  const updater = new Updater({ optimizer, params, learners: [{ spec, learningRateMultiplier: 1 }], weights })
  path.forEach((values, k) => {
    const gradient = tf.tensor([...values], shape)
    applyGradients(updater, [gradient], { learningRate: rate, step: k + 1 })
    gradient.dispose()
  })
  const result = (await weights.read()).get('w')!
  updater.dispose()
  weights.dispose()
  return result
}
