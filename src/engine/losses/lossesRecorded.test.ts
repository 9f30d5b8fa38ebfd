import { describe, expect, it } from 'vitest'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { normals, sameBits } from '../../../tests/helpers/kernels.ts'
import { createDevice } from '../backend/createDevice.ts'
import { LabBackend } from '../backend/labBackend.ts'
import * as tf from '../backend/tfjs.ts'
import { createDeviceFunction, type DeviceFunction } from '../graph/deviceFunction.ts'
import { Workspace } from '../graph/workspace.ts'
import type { LossMemory, LossResult } from './defineLoss.ts'
import dynamicTemperature from './dynamicTemperature.ts'
import hardNegatives from './hardNegatives.ts'
import mixedMultimodal from './mixedMultimodal.ts'
import moco from './moco.ts'
import multiLabelContrastive from './multiLabelContrastive.ts'
import multiSimilarity from './multiSimilarity.ts'
import tripletMargin from './tripletMargin.ts'
import tripletMining from './tripletMining.ts'

const gpu = await gpuForTests()

type Feeds = 'a' | 'b' | 'queue' | 'ids' | 'places' | 'pointer'
interface Fed {
  a: tf.Tensor2D
  b: tf.Tensor2D
  ids: tf.Tensor1D
  state: LossMemory['state']
}
const [rows, width, queueSize] = [12, 5, 30]

const triplets = { margin: 0.5, isSoft: false, distance: 'euclidean', isNormalized: true, reducer: 'mean' }
const losses: Record<string, (fed: Fed) => LossResult> = {
  'the hardest triplets': ({ a, ids }) =>
    tripletMining.compute({ ...triplets, miner: 'batch-hard' }, { labelled: { embeddings: a, labels: ids } }),
  'semi-hard triplets': ({ a, ids }) =>
    tripletMining.compute({ ...triplets, miner: 'semi-hard' }, { labelled: { embeddings: a, labels: ids } }),
  'given triplets': ({ a, b }) => {
    const norm = { p: 3, epsilon: 1e-6, isSquared: false, isSwapped: true, isNormalized: false }
    const given = { anchor: a, positive: b, negative: tf.reverse(b, 0) as tf.Tensor2D }
    return tripletMargin.compute({ margin: 1, isSummed: false, ...norm }, { triplets: given })
  },
  'multi-similarity': ({ a, ids }) =>
    multiSimilarity.compute(
      { alpha: 2, beta: 50, base: 0.5, isMined: true, epsilon: 0.1 },
      { labelled: { embeddings: a, labels: ids } },
    ),
  'the hardest negatives': ({ a, b, ids }) =>
    hardNegatives.compute(
      {
        temperature: 0.2,
        isTemperatureLearned: false,
        strategy: 'top',
        weight: 2,
        share: 0.3,
        band: 0.2,
      },
      { pairs: { a, b, ids } },
    ),
  'a temperature that follows the rows': ({ a, b, ids }) =>
    dynamicTemperature.compute(
      { baseTemperature: 0.2, lowestTemperature: 0.1, highestTemperature: 0.5 },
      { pairs: { a, b, ids } },
    ),
  'three losses in one': ({ a, b, ids }) =>
    mixedMultimodal.compute(
      { temperature: 0.2, isTemperatureLearned: false, pairWeight: 1, viewWeight: 1, labelWeight: 1 },
      { labelledPairs: { a, b, ids, labels: ids } },
    ),
  'rows that share a label': ({ a, b }) =>
    multiLabelContrastive.compute(
      { temperature: 0.2, isTemperatureLearned: false },
      { multiLabelled: { embeddings: a, labels: b } },
    ),
  'MoCo and its queue': ({ a, b, ids, state }) =>
    moco.compute(
      { temperature: 0.2, isTemperatureLearned: false, queueSize, hasBatchNegatives: true, queueEnd: 'wrap' },
      { momentumPairs: { query: a, key: b, ids } },
      { scalars: {}, state },
    ),
}

const flat = (tensor: tf.Tensor): tf.Tensor1D => tf.reshape(tf.cast(tensor, 'float32'), [tensor.size])

/** Rows to the loss, its parts, the state after it, and the rows' gradients. */
function open(run: (fed: Fed) => LossResult, workspace: Workspace, isEager: boolean): DeviceFunction<Feeds> {
  return createDeviceFunction<Feeds>({
    feeds: {
      a: { dtype: 'float32', length: rows * width },
      b: { dtype: 'float32', length: rows * width },
      queue: { dtype: 'float32', length: queueSize * width },
      ids: { dtype: 'int32', length: rows },
      places: { dtype: 'int32', length: queueSize },
      pointer: { dtype: 'int32', length: 1 },
    },
    workspace,
    isEager,
    run(inputs) {
      const matrix = (name: Feeds): tf.Tensor2D => tf.reshape(inputs.tensor(name), [-1, width])
      const [a, b, ids] = [matrix('a'), matrix('b'), inputs.tensor('ids')]
      const [places, pointer] = [inputs.tensor('places'), inputs.tensor('pointer')]
      const state = { queue: matrix('queue'), places, pointer }
      const of = (x: tf.Tensor, y: tf.Tensor) => run({ a: x as tf.Tensor2D, b: y as tf.Tensor2D, ids, state })
      const { value, grads } = tf.valueAndGrads((x: tf.Tensor, y: tf.Tensor) =>
        // Each gets a gradient, whatever the loss takes.
        tf.add(of(x, y).loss, tf.mul(tf.add(tf.sum(x), tf.sum(y)), 1e-3)),
      )([a, b])
      const result = of(a, b)
      const others = [...Object.values(result.parts), ...Object.values(result.state ?? {})]
      return tf.concat([value, ...grads, ...others].map(flat))
    },
  })
}

const valuesOf = (step: number) => ({
  a: normals(rows * width, `a ${step}`),
  b: normals(rows * width, `b ${step}`),
  queue: normals(queueSize * width, `queue ${step}`),
  ids: Int32Array.from({ length: rows }, (_, i) => (i * i + step) % 5),
  places: Int32Array.from({ length: queueSize }, (_, i) => (i + step) % 7),
  pointer: Int32Array.of((step * rows + 5) % queueSize),
})

describe.skipIf(gpu === null)(
  gpu === null ? 'recorded losses: skipped, there is no WebGPU adapter' : 'recorded losses',
  () => {
    it.each(Object.entries(losses))(
      'replay bit for bit what is computed one by one: %s',
      async (_name, run) => {
        const device = await createDevice({ backend: 'webgpu', gpu })
        const backend = tf.backend()
        expect(backend).toBeInstanceOf(LabBackend)
        const workspace = new Workspace(backend as LabBackend)
        const [eager, recorded] = [true, false].map((isEager) => open(run, workspace, isEager))
        for (let step = 0; step < 3; step++) {
          const expected = await eager!.call(valuesOf(step), step).read()
          const got = await recorded!.call(valuesOf(step), step).read()
          expect(sameBits(got, expected), `step ${step}`).toBe(true)
        }
        expect(recorded!.refusal).toBeNull()
        for (const f of [eager, recorded]) f!.dispose()
        workspace.dispose()
        device.throwIfFailed()
        device.dispose()
      },
    )
  },
)
