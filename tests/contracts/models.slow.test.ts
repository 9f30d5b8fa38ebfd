import { describe, expect, it } from 'vitest'
import { BunsenError } from '../../src/core/errors.ts'
import { Generator } from '../../src/core/rng.ts'
import { createDevice } from '../../src/engine/backend/createDevice.ts'
import { LabBackend } from '../../src/engine/backend/labBackend.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { createDeviceFunction } from '../../src/engine/graph/deviceFunction.ts'
import { Workspace } from '../../src/engine/graph/workspace.ts'
import { crossEntropy } from '../../src/engine/kernels/crossEntropy/crossEntropy.ts'
import type { ModelSpec } from '../../src/engine/models/defineModel.ts'
import {
  logitsOf,
  plainPass,
  type DataSizes,
  type Head,
  type ModelInputs,
  type ModelKind,
  type ModelOutput,
} from '../../src/engine/models/modelInputs.ts'
import { models } from '../../src/engine/models/registry.ts'
import { createWeights } from '../../src/engine/training/trainSessionState.ts'
import { describeOnDevices, gpuForTests } from '../helpers/gpu.ts'
import { expectSlopes, hasNoGradient, modelConfig, type Variables } from '../helpers/modelWeights.ts'

const text = { vocabSize: 7 }
const picture = { height: 16, width: 16, channels: 3 }
const numFeatures = 5
const seqLen = 4

function sizesOf(kind: ModelKind, head: Head): DataSizes {
  const all: { [K in ModelKind]: DataSizes } = {
    tokens: { tokens: { ...text, head } },
    sequencePairs: { sequencePairs: { source: text, target: text } },
    images: { images: { ...picture, head } },
    features: { features: { numFeatures, head } },
    captionedImages: { captionedImages: { image: picture, text, head } },
  }
  return all[kind]
}

/** The same numbers every time; what a recorded step is fed comes in by name. */
const generator = new Generator(3, 'tests/contracts/models')
const ids = (batchSize: number, step: number): Int32Array =>
  Int32Array.from({ length: batchSize * seqLen }, (_, i) => generator.below(text.vocabSize, step, i))
const floats = (length: number, step: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => generator.uniform(step, i))

/** All kinds at once: a model takes its own. */
function inputsOf(batchSize: number): ModelInputs {
  const tokens = (step: number) => ({
    ids: tf.tensor1d(ids(batchSize, step), 'int32'),
    batchSize,
    seqLen,
    mask: null,
  })
  const { height, width, channels } = picture
  const size = batchSize * height * width * channels
  const image = { pixels: tf.tensor4d(floats(size, 2), [batchSize, height, width, channels]) }
  return {
    tokens: { ...tokens(0), onlyRow: null },
    sequencePairs: { source: tokens(0), target: tokens(1) },
    images: image,
    features: { rows: tf.tensor2d(floats(batchSize * numFeatures, 3), [batchSize, numFeatures]) },
    captionedImages: { image, text: tokens(0) },
  }
}

/** Cross entropy of scores to classes that follow no rule, or the distance of vectors to such ones. */
function lossOf(output: ModelOutput): tf.Scalar {
  if (output.logits !== undefined) {
    const logits = logitsOf(output)
    const [rows, classes] = logits.shape
    const targets = Int32Array.from({ length: rows }, (_, i) => generator.below(classes, 4, i))
    return crossEntropy(logits, tf.tensor1d(targets, 'int32'), { labelSmoothing: 0, ignoreIndex: -1 })
  }
  const { pooled, pair, rows } = output
  const vectors = pooled ? [pooled] : pair ? [pair.a, pair.b] : [rows!]
  const distances = vectors.map((x, i) =>
    tf.mean<tf.Scalar>(tf.square(tf.sub(x, tf.tensor2d(floats(x.size, 5 + i), x.shape)))),
  )
  return tf.addN(distances)
}

interface Contract {
  readonly name: string
  readonly model: ModelSpec
  readonly sizes: DataSizes
}

function namesOf(model: ModelSpec, sizes: DataSizes): string | null {
  try {
    const specs = model.parameters(modelConfig(model, model.tiny), sizes)
    return specs.map(({ name }) => name).join()
  } catch (error) {
    if (error instanceof BunsenError) return null
    throw error
  }
}

const heads: Head[] = [{ kind: 'none' }, { kind: 'classes', count: 3 }, { kind: 'tokens' }]

/**
 * Each model at its tiniest with each head that it has; one that it lacks it refuses in words, or gives what it gives
 * with another.
 */
const contracts: Contract[] = models.all.flatMap((model) => {
  const byWeights = new Map<string, Contract>()
  for (const head of heads) {
    const sizes = sizesOf(model.accepts, head)
    const names = namesOf(model, sizes)
    if (names !== null && !byWeights.has(names)) {
      byWeights.set(names, { name: `${model.id}, head ${head.kind}`, model, sizes })
    }
  }
  return [...byWeights.values()]
})
const named = contracts.map((contract) => [contract.name, contract] as const)

function open({ model, sizes }: Contract, batchSize: number) {
  const config = modelConfig(model, model.tiny)
  const store = createWeights(model.parameters(config, sizes), 8)
  const inputs = inputsOf(batchSize)
  const weights: Variables = store.variables
  const output = () => model.forward(config, weights, inputs, plainPass)
  const isScored = tf.tidy(() => output().logits !== undefined)
  return { store, weights, isScored, loss: () => lossOf(output()) }
}

it('covers every model with at least one head', () => {
  expect(new Set(contracts.map(({ model }) => model.id))).toEqual(new Set(models.all.map(({ id }) => id)))
})

it.each(named)(
  '%s: its settings go together, and each weight has a name of its own',
  (_name, { model, sizes }) => {
    const config = modelConfig(model, model.tiny)
    expect(model.check(config)).toEqual([])
    expect(model.check(modelConfig(model, {}))).toEqual([])
    const names = model.parameters(config, sizes).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    names.forEach((name) => expect(model.importName(name), name).toBe(name))
    const table = model.hubTable(config, sizes)
    if (table !== null) expect(table.flatMap(({ name }) => name ?? []).sort()).toEqual([...names].sort())
  },
)

await describeOnDevices('every model', () => {
  it.each(named)(
    '%s: gives every weight a finite gradient from one sample on, and leaves no tensors behind',
    async (_name, contract) => {
      for (const batchSize of [1, 3]) {
        const { store, weights, loss } = open(contract, batchSize)
        const before = tf.memory().numTensors
        const { value, grads } = tf.variableGrads(loss, [...weights.values()])
        expect(Number.isFinite((await value.data())[0])).toBe(true)
        for (const [name, variable] of weights) {
          const gradient = await grads[variable.name]!.data()
          expect(gradient.every(Number.isFinite), name).toBe(true)
          // One sample may not reach a unit; several do.
          if (batchSize > 1 && !hasNoGradient(name))
            expect(
              gradient.some((x) => x !== 0),
              name,
            ).toBe(true)
        }
        tf.dispose([value, ...Object.values(grads)])
        expect(tf.memory().numTensors).toBe(before)
        store.dispose()
      }
    },
    120_000,
  )
})

/** With one head each: what a head adds is in the other suites. */
const trained = [
  ...new Map(named.map(([name, contract]) => [contract.model.id, [name, contract] as const])).values(),
]

describe('every model, on the CPU', () => {
  it.each(named)('%s: its gradient is the slope of the loss', async (_name, contract) => {
    await tf.setBackend('cpu')
    const { store, weights, loss } = open(contract, 2)
    await expectSlopes([...weights.values()], loss)
    store.dispose()
  })

  it.each(trained)(
    '%s: learns one batch by heart',
    async (_name, contract) => {
      await tf.setBackend('cpu')
      const { store, weights, loss, isScored } = open(contract, 3)
      const adam = tf.train.adam(0.01)
      const valueOf = async () => (await loss().data())[0]!
      const first = await valueOf()
      for (let step = 0; step < 150; step++) {
        tf.tidy(() => {
          const { grads } = tf.variableGrads(loss, [...weights.values()])
          adam.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })))
        })
      }
      // Vectors of a layer that bends or normalises cannot reach every value.
      expect(await valueOf()).toBeLessThan((isScored ? 0.3 : 0.8) * first)
      adam.dispose()
      store.dispose()
    },
    120_000,
  )
})

const gpu = await gpuForTests()

describe.skipIf(gpu === null)(
  gpu === null ? 'every model, recorded: skipped, there is no WebGPU adapter' : 'every model, recorded',
  () => {
    async function computed(contract: Contract, isEager: boolean): Promise<number[]> {
      const device = await createDevice({ backend: 'webgpu', gpu })
      const backend = tf.backend()
      if (!(backend instanceof LabBackend)) throw new Error('no LabBackend')
      const workspace = new Workspace(backend)
      const { model, sizes } = contract
      const config = modelConfig(model, model.tiny)
      const store = createWeights(model.parameters(config, sizes), 8)
      const compute = createDeviceFunction({
        feeds: { scale: { dtype: 'float32', length: 1 } },
        workspace,
        isEager,
        run(inputs) {
          const { value, grads } = tf.variableGrads(() => {
            const output = model.forward(config, store.variables, inputsOf(3), plainPass)
            return tf.mul(lossOf(output), tf.reshape(inputs.tensor('scale'), []))
          }, [...store.variables.values()])
          const flat = (x: tf.Tensor): tf.Tensor1D => tf.reshape(x, [-1])
          return tf.concat1d([flat(value), ...Object.values(grads).map(flat)])
        },
      })
      const found: number[] = []
      for (const scale of [1, 2])
        found.push(...(await compute.call({ scale: Float32Array.of(scale) }, 0).read()))
      expect(compute.refusal).toBeNull()
      expect(compute.program === null).toBe(isEager)
      compute.dispose()
      workspace.dispose()
      store.dispose()
      device.throwIfFailed()
      device.dispose()
      return found
    }

    it.each(named)(
      '%s: gives the same bits as computed afresh',
      async (_name, contract) => {
        expect(await computed(contract, false)).toEqual(await computed(contract, true))
      },
      120_000,
    )
  },
)
