import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDevice, type EngineDevice } from '../../src/engine/backend/createDevice.ts'
import type { LabBackend } from '../../src/engine/backend/labBackend.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { createDeviceFunction } from '../../src/engine/graph/deviceFunction.ts'
import { Workspace } from '../../src/engine/graph/workspace.ts'
import type { LossInputs } from '../../src/engine/losses/lossInputs.ts'
import { losses } from '../../src/engine/losses/registry.ts'
import { GpuCounters } from '../bench/gpuCounters.ts'
import { blockedLosses } from '../helpers/blockedLosses.ts'
import { gpuForTests } from '../helpers/gpu.ts'
import { variantsOf, type LossVariant } from '../helpers/lossRuns.ts'

const [count, width] = [4096, 256]
const length = count * width
const mostBytes = 128 * 2 ** 20

/** A device that computes nothing: what it is asked for is the same, and takes no time. */
async function idleGpu(): Promise<GPU | null> {
  if ((await gpuForTests()) === null) return null
  const { create } = await import('webgpu')
  return create(['backend=null'])
}

const gpu = await idleGpu()

/** Of each loss that looks at every two rows what takes most, and some that do so in the kernel. */
const titles = [
  'alignment-uniformity with sharpness 30',
  'clip with labelSmoothing 0.2',
  'clip-distillation with isTemperatureLearned true',
  'composed-contrastive with compares views',
  'composed-contrastive with similarity squared-distance',
  'contrastive-pair with reducer avg-nonzero',
  'dynamic-temperature',
  'hard-negatives',
  'hard-negatives with strategy top',
  'koleo',
  'multi-similarity',
  'supervised-contrastive with reducer avg-nonzero',
  'supervised-contrastive-pairs',
  'triplet-mining',
  'debiased-contrastive',
  'nt-xent',
  'siglip',
]
const all = [...blockedLosses, ...losses.all.map((loss) => variantsOf(loss)[0]!)]
const named = (title: string) => [title, all.find((each) => each.title === title)!] as const
/** What a step is: its plan takes less than operations one by one. Of three losses in one only that fits. */
const recorded = ['clip with labelSmoothing 0.2', 'mixed-multimodal', 'multi-similarity']

function inputsOf(points: readonly tf.Tensor[], groups: tf.Tensor1D): Partial<LossInputs> {
  const [a, b] = points as [tf.Tensor2D, tf.Tensor2D]
  const pairs = { a, b, ids: groups }
  const teacher = { teacherA: a, teacherB: b, teacherScale: tf.tensor1d([2]) }
  return {
    pairs,
    embeddings: { embeddings: a },
    labelled: { embeddings: a, labels: groups },
    labelledPairs: { ...pairs, labels: groups },
    taughtPairs: { ...pairs, ...teacher },
  }
}

/** The loss, and a number of each gradient, which has to be there as a whole for it. */
function numbersOf({ loss, params }: LossVariant, sides: tf.Tensor[], groups: tf.Tensor1D): tf.Tensor1D {
  const learned = Object.entries(loss.scalars(params))
  const points = [...sides, ...learned.map(([, value]) => tf.scalar(value))]
  const { value, grads } = tf.valueAndGrads((...x: tf.Tensor[]) => {
    const scalars = learned.map(([name], i) => [name, x[sides.length + i] as tf.Scalar] as const)
    const memory = { scalars: Object.fromEntries(scalars), state: {} }
    return loss.compute(params, inputsOf(x, groups), memory).loss
  })(points)
  return tf.stack([value, ...grads.map((grad) => tf.sum(grad))]) as tf.Tensor1D
}

const sidesOf = ({ loss }: LossVariant): ('a' | 'b')[] => (/pairs$/i.test(loss.accepts) ? ['a', 'b'] : ['a'])

describe.skipIf(gpu === null)(
  gpu === null
    ? 'memory of losses: skipped, there is no WebGPU'
    : `losses of ${count} rows of width ${width}, their embeddings and gradients take 128 MB at most`,
  () => {
    const counters = new GpuCounters()
    let device: EngineDevice
    let lab: LabBackend
    beforeAll(async () => {
      counters.install()
      device = await createDevice({ backend: 'webgpu', gpu })
      lab = tf.backend() as LabBackend
    })
    afterAll(() => {
      device.dispose()
      counters.uninstall()
    })

    it.each(titles.map(named))('%s, operation by operation', async (title, variant) => {
      lab.trim()
      counters.owner = title
      const groups = tf.tensor1d(
        Int32Array.from({ length: count }, (_, i) => i % 1024),
        'int32',
      )
      const sides = sidesOf(variant).map(() => tf.tensor2d(new Float32Array(length), [count, width]))
      const numbers = tf.tidy(() => numbersOf(variant, sides, groups))
      await numbers.data()
      tf.dispose([groups, sides, numbers])
      const { peakBytes } = counters.memoryOf(title)
      expect(peakBytes).toBeGreaterThan(sides.length * length * 4)
      expect(peakBytes).toBeLessThanOrEqual(mostBytes)
    })

    it.each(recorded.map(named))('%s, recorded', (_title, variant) => {
      const workspace = new Workspace(lab)
      const side = { dtype: 'float32', length } as const
      const step = createDeviceFunction({
        feeds: { a: side, b: side, groups: { dtype: 'int32', length: count } },
        workspace,
        isEager: false,
        run: (inputs) => {
          const sides = sidesOf(variant).map((name) => tf.reshape(inputs.tensor(name), [count, width]))
          return numbersOf(variant, sides, inputs.tensor('groups'))
        },
      })
      const bytes = step.plan()!.places.reduce((sum, { sizeBytes }) => sum + sizeBytes, step.sizeBytes)
      expect(bytes).toBeLessThanOrEqual(mostBytes)
      step.dispose()
      workspace.dispose()
    })
  },
)
