import { defaultsOf } from '../../core/schema.ts'
import { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import { add, backend as currentBackend, mul, type Tensor } from '../backend/tfjs.ts'
import { addPage } from '../kernels/flatUpdate/addPage.ts'
import { initialValues, type ParameterSpec } from '../nn/parameter.ts'
import { layOut, pageLimit } from '../parameters/layout.ts'
import { createTensorStore } from '../parameters/tensorStore.ts'
import { defineSelfTest, normalTensor } from '../selfTest/defineSelfTest.ts'
import type { OptimizerSpec } from './defineOptimizer.ts'
import { optimizers } from './registry.ts'
import { Updater } from './updater.ts'

/** Puts numbers where a backward pass would have put them. */
function fill(
  backend: LabBackend,
  { learners, gradients: store }: Updater,
  gradients: readonly Tensor[],
): void {
  learners.forEach(({ spec }, i) =>
    backend.copy(gradients[i]!, backend.rangeOf(store!.variables.get(spec.name)!)),
  )
}

/** Weights and all that the optimizer keeps, after two updates. */
function updated(optimizer: OptimizerSpec, shapes: readonly (readonly number[])[]): Tensor[] {
  const specs = shapes.map((shape, k): ParameterSpec => ({
    name: `w${k}`,
    shape,
    // Not a matrix: what Muon does with those has a self-test of its own.
    kind: shape.length === 1 ? 'vector' : 'head',
    init: { kind: 'normal', standardDeviation: 1 },
  }))
  const weights = createTensorStore(layOut(specs, pageLimit()), 'self-test')
  const learners = specs.map((spec) => ({ spec, learningRateMultiplier: 1, weightDecay: null }))
  const updater = new Updater({ optimizer, params: defaultsOf(optimizer.fields), learners, weights })
  const gradients = shapes.map((shape, k) => normalTensor(`gradient ${k}`, shape))
  for (const spec of specs) weights.write(spec.name, initialValues(spec, 0))
  try {
    for (const step of [1, 2]) apply(updater, gradients, { learningRate: 0.01, step })
    const stores = [weights, ...updater.slots.values()]
    return stores.flatMap(({ variables }) => [...variables.values()].map((view) => mul(view, 1)))
  } finally {
    updater.dispose()
    weights.dispose()
  }
}

const unlimited = { maxNorm: 0, kind: 'l2' } as const

function apply(
  updater: Updater,
  gradients: readonly Tensor[],
  moment: { learningRate: number; step: number },
): void {
  const backend = currentBackend()
  if (!(backend instanceof LabBackend)) {
    updater.apply(gradients, { ...moment, numbers: null }, unlimited)
    return
  }
  const values = updater.numbers(moment)
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST
  const buffer = backend.makeBuffer({ size: values.byteLength, usage, label: 'self-test' })
  const numbers: BufferRange = { buffer, offset: 0, size: buffer.size }
  backend.device.queue.writeBuffer(buffer, 0, values as Float32Array<ArrayBuffer>)
  fill(backend, updater, gradients)
  updater.apply(null, { ...moment, numbers }, unlimited)
  backend.flush()
  backend.freeBuffer(buffer)
}

/** A page of gradients that another is added to. */
function summed(backend: LabBackend | null, rows: number): Tensor[] {
  const [total, term] = [normalTensor('total', [128 * rows]), normalTensor('term', [128 * rows])]
  if (backend === null) return [add(total, term)]
  // Of its own, since it is changed in place.
  const target = add(total, 0)
  addPage(backend, backend.rangeOf(target), backend.rangeOf(term))
  return [target]
}

/** The optimizers' rules, over flat buffers, against the same from tfjs's operations. */
export default defineSelfTest({
  id: 'flatUpdate',
  // It writes into buffers of its own.
  isRecordable: false,
  cases: ({ rows, width, columns }) => [
    ...optimizers.all.map((optimizer) => ({
      name: optimizer.title,
      compute: () => updated(optimizer, [[rows, width], [columns]]),
    })),
    { name: 'gradients of several batches', compute: (backend) => summed(backend, rows) },
  ],
})
