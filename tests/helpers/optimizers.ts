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
  const limit = { maxNorm, kind: 'l2' } as const
  const backend = tf.backend()
  tf.tidy(() => {
    if (!(backend instanceof LabBackend)) {
      updater.apply(gradients, { ...moment, numbers: null }, limit)
      return
    }
    const { layout, pages } = updater.gradients!
    updater.learners.forEach(({ spec }, i) => {
      const { page, offset, length } = layout.places.get(spec.name)!
      backend.copy(gradients[i]!, { buffer: pages[page]!.buffer, offset: 4 * offset, size: 4 * length })
    })
    const numbers = updater.numbers(moment)
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST
    const buffer = backend.device.createBuffer({ size: numbers.byteLength, usage })
    backend.device.queue.writeBuffer(buffer, 0, numbers)
    updater.apply(null, { ...moment, numbers: { buffer, offset: 0, size: numbers.byteLength } }, limit)
    backend.flush()
    buffer.destroy()
  })
}

/** A weight of a test. */
export interface TestWeight {
  readonly kind: ParameterSpec['kind']
  readonly shape: readonly number[]
  readonly start: ArrayLike<number>
  /** One gradient for each step. */
  readonly path: readonly ArrayLike<number>[]
  readonly learningRateMultiplier?: number
  /** Instead of the optimizer's. */
  readonly weightDecay?: number
}

/** Weights, and what the optimizer keeps for them, after given gradients, one step each. */
export async function stepsOf(
  optimizer: OptimizerSpec,
  settings: Record<string, number | string | boolean>,
  { weights: given, rate }: { weights: Record<string, TestWeight>; rate: number },
): Promise<{ weights: Map<string, Float32Array>; slots: Map<string, Map<string, Float32Array>> }> {
  const params = { ...defaultsOf(optimizer.fields), ...settings }
  const entries = Object.entries(given)
  const learners = entries.map(([name, { shape, kind, learningRateMultiplier = 1, weightDecay = null }]) => {
    const spec: ParameterSpec = { name, shape, kind, init: { kind: 'constant', value: 0 } }
    return { spec, learningRateMultiplier, weightDecay }
  })
  const weights = createTensorStore(
    layOut(
      learners.map(({ spec }) => spec),
      pageLimit(),
    ),
    'weights',
  )
  for (const [name, { start }] of entries) weights.write(name, Float32Array.from(start))
  const updater = new Updater({ optimizer, params, learners, weights })
  for (const k of entries[0]![1].path.keys()) {
    const gradients = entries.map(([, { path, shape }]) =>
      tf.tensor(Float32Array.from(path[k]!), [...shape], 'float32'),
    )
    applyGradients(updater, gradients, { learningRate: rate, step: k + 1 })
    tf.dispose(gradients)
  }
  const slots = await Promise.all(
    [...updater.slots].map(async ([slot, store]) => [slot, await store.read()] as const),
  )
  const result = { weights: await weights.read(), slots: new Map(slots) }
  updater.dispose()
  weights.dispose()
  return result
}

/** One matrix of weights after given gradients, one step each. */
export async function stepWith(
  optimizer: OptimizerSpec,
  settings: Record<string, number | string | boolean>,
  { start, path, rate }: { start: readonly number[]; path: readonly (readonly number[])[]; rate: number },
): Promise<Float32Array> {
  const w: TestWeight = { kind: 'matrix', shape: [1, start.length], start, path }
  return (await stepsOf(optimizer, settings, { weights: { w }, rate })).weights.get('w')!
}
