import { describe, expect, it } from 'vitest'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { modelConfig, strongWeights, type Variables } from '../../../tests/helpers/modelWeights.ts'
import type { ConfigValue } from '../../core/schema.ts'
import { createDevice } from '../backend/createDevice.ts'
import type { StoredType } from '../backend/storedType.ts'
import { LabBackend } from '../backend/labBackend.ts'
import * as tf from '../backend/tfjs.ts'
import { createDeviceFunction } from '../graph/deviceFunction.ts'
import { Workspace } from '../graph/workspace.ts'
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import { dropoutSites } from '../nn/dropoutSites.ts'
import type { ModelSpec } from './defineModel.ts'
import encoder from './encoder.ts'
import encoderDecoder from './encoderDecoder.ts'
import { logitsOf, plainPass, type DataSizes, type Tokens } from './modelInputs.ts'

const gpu = await gpuForTests()
const hasHalf = (await gpu?.requestAdapter())?.features.has('shader-f16') ?? false
const [batchSize, seqLen, vocabSize] = [2, 5, 7]

interface RecordedCase {
  readonly model: ModelSpec
  readonly settings: Record<string, ConfigValue>
  readonly sizes: DataSizes
  /** Logits a batch. */
  readonly rows: number
}

const small = { embedDim: 8, numHeads: 2, seqLen, dropoutRate: 0.2, dropPathRate: 0.2 }
const words = { vocabSize }
const cases: Record<string, RecordedCase> = {
  'an encoder with classes and attention pooling': {
    model: encoder,
    settings: { ...small, numLayers: 2, pooling: 'attention', hasPooledLayer: true, positions: 'sinusoidal' },
    sizes: { tokens: { ...words, head: { kind: 'classes', count: 3 } } },
    rows: batchSize,
  },
  'an encoder with hidden tokens': {
    model: encoder,
    settings: { ...small, numLayers: 2, numTokenTypes: 2 },
    sizes: { tokens: { ...words, head: { kind: 'tokens' } } },
    rows: batchSize * seqLen,
  },
  'an encoder and a decoder': {
    model: encoderDecoder,
    settings: { ...small, hasHeadNorm: true, numKeyHeads: 1 },
    sizes: { sequencePairs: { source: words, target: words } },
    rows: batchSize * seqLen,
  },
}

/** Loss and all gradients after two calls with other tokens, recorded or not. */
async function computed(
  { model, settings, sizes, rows }: RecordedCase,
  isEager: boolean,
  stored: StoredType = 'f32',
): Promise<number[][]> {
  const device = await createDevice({ backend: 'webgpu', gpu })
  const backend = tf.backend()
  if (!(backend instanceof LabBackend)) throw new Error('no LabBackend')
  const workspace = new Workspace(backend)
  const config = modelConfig(model, settings)
  const store = strongWeights(model.parameters(config, sizes), 4)
  const weights: Variables = store.variables
  const drawAt = dropoutSites({ seed: 1, step: 2, microBatch: 0, counter: null })
  const count = batchSize * seqLen
  const compute = createDeviceFunction({
    feeds: {
      ids: { dtype: 'int32', length: count },
      mask: { dtype: 'int32', length: count },
      targets: { dtype: 'int32', length: rows },
    },
    workspace,
    isEager,
    run(inputs) {
      const mask = tf.reshape<tf.Rank.R2>(inputs.tensor('mask'), [batchSize, seqLen])
      const source: Tokens = { ids: inputs.tensor('ids'), batchSize, seqLen, mask }
      const given = {
        tokens: { ...source, onlyRow: null },
        sequencePairs: { source, target: { ...source, mask: null } },
      }
      const { value, grads } = tf.variableGrads(() => {
        const logits = logitsOf(model.forward(config, weights, given, { ...plainPass, drawAt, stored }))
        return crossEntropy(logits, inputs.tensor('targets'), { labelSmoothing: 0, ignoreIndex: -1 })
      }, [...weights.values()])
      const flat = (x: tf.Tensor): tf.Tensor1D => tf.reshape(x, [-1])
      return tf.concat1d([flat(value), ...Object.values(grads).map(flat)])
    },
  })
  const found: number[][] = []
  for (const shift of [0, 3]) {
    const ids = Int32Array.from({ length: count }, (_, i) => (i * 5 + shift) % vocabSize)
    const mask = Int32Array.from({ length: count }, (_, i) => (i % seqLen < 4 - (shift % 2) ? 1 : 0))
    const targets = Int32Array.from({ length: rows }, (_, i) => (i + shift) % 3)
    found.push([...(await compute.call({ ids, mask, targets }, shift).read())])
  }
  expect(compute.refusal).toBeNull()
  expect(compute.program === null).toBe(isEager)
  compute.dispose()
  workspace.dispose()
  store.dispose()
  device.throwIfFailed()
  device.dispose()
  return found
}

describe.skipIf(gpu === null)(
  gpu === null ? 'recorded models: skipped, there is no WebGPU adapter' : 'recorded models',
  () => {
    it.each(Object.entries(cases))(
      'give the same bits as computed afresh: %s',
      async (_name, recorded) => {
        const expected = await computed(recorded, true)
        expect(await computed(recorded, false)).toEqual(expected)
        expect(expected[1]).not.toEqual(expected[0])
        expect(expected.flat().every(Number.isFinite)).toBe(true)
      },
      120_000,
    )

    it.skipIf(!hasHalf)(
      `stay near f32 where their layers are stored as f16${hasHalf ? '' : ': skipped, the adapter has no shader-f16'}`,
      async () => {
        const recorded = cases['an encoder and a decoder']!
        const [full, half] = [await computed(recorded, true), await computed(recorded, false, 'f16')]
        const lengthOf = (values: number[]) => Math.hypot(...values)
        full.forEach((values, call) => {
          const away = lengthOf(values.map((value, i) => value - half[call]![i]!)) / lengthOf(values)
          expect(away).toBeLessThan(2 ** -8)
          expect(away).toBeGreaterThan(0)
        })
      },
      120_000,
    )
  },
)
