import { describe, expect, it } from 'vitest'
import { BunsenError } from '../../src/core/errors.ts'
import { Generator } from '../../src/core/rng.ts'
import { defaultsOf } from '../../src/core/schema.ts'
import { createDevice } from '../../src/engine/backend/createDevice.ts'
import { LabBackend } from '../../src/engine/backend/labBackend.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { createDeviceFunction } from '../../src/engine/graph/deviceFunction.ts'
import { Workspace } from '../../src/engine/graph/workspace.ts'
import type { LossMemory, LossResult, LossSpec } from '../../src/engine/losses/defineLoss.ts'
import { losses } from '../../src/engine/losses/registry.ts'
import type { ConfigRecord } from '../../src/engine/ops/typedConfig.ts'
import { gpuForTests } from '../helpers/gpu.ts'
import { lossBatch, lossWidth, type BatchOptions, type LossBatch } from '../helpers/lossInputs.ts'
import { sameBits } from '../helpers/kernels.ts'

/** Their gradient leaves out by design what follows from a batch without a gradient: here a temperature, there a covariance. */
const heldStill = new Set(['dynamic-temperature', 'tico'])
const named = losses.all.map((loss) => [loss.id, loss] as const)
const inOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** First values, as `LossStates` gives them but for rows of length 1, which are all the same here. */
function memoryOf(loss: LossSpec, params: ConfigRecord, batchSize: number): LossMemory {
  const state = Object.entries(loss.state(params, { width: lossWidth, batchSize })).map(([name, spec]) => {
    const value = { zeros: 0, ones: 1, 'unit-rows': spec.shape.at(-1)! ** -0.5 }[spec.init]
    return [name, tf.fill([...spec.shape], value, spec.dtype)] as const
  })
  return { scalars: {}, state: Object.fromEntries(state) }
}

/** The loss of learned inputs and then learned numbers. */
function resultOf(loss: LossSpec, batch: LossBatch, params: ConfigRecord, tensors: tf.Tensor[]): LossResult {
  const count = batch.learned.length
  const scalars = Object.keys(loss.scalars(params)).map(
    (name, i) => [name, tf.reshape(tensors[count + i]!, []) as tf.Scalar] as const,
  )
  const memory = memoryOf(loss, params, batch.learned[0]!.shape[0]!)
  return loss.compute(params, batch.inputs(tensors.slice(0, count)), {
    ...memory,
    scalars: Object.fromEntries(scalars),
  })
}

interface Point {
  readonly shape: number[]
  readonly values: Float32Array
}

function pointsOf(loss: LossSpec, batch: LossBatch, params: ConfigRecord): Point[] {
  const scalars = Object.values(loss.scalars(params)).map((value): Point => ({
    shape: [1],
    values: Float32Array.of(value),
  }))
  return [...batch.learned, ...scalars]
}

const tensorOf = ({ shape, values }: Point): tf.Tensor => tf.tensor(values, shape)

/** Value and gradients as numbers; a refusal as the error that names the loss. */
async function evaluate(loss: LossSpec, options: BatchOptions, params = defaultsOf(loss.fields)) {
  const batch = lossBatch(loss.accepts, options)
  const points = pointsOf(loss, batch, params)
  const tensors = points.map(tensorOf)
  try {
    const { value, grads } = tf.tidy(() =>
      tf.valueAndGrads((...x: tf.Tensor[]) => resultOf(loss, batch, params, x).loss)(tensors),
    )
    const found = {
      value: (await value.data<'float32'>())[0]!,
      gradients: await Promise.all(grads.map((grad) => grad.data<'float32'>())),
    }
    tf.dispose([value, ...grads])
    return found
  } catch (error) {
    if (!(error instanceof BunsenError)) throw error
    expect(error.message).toContain(loss.id)
    return error
  } finally {
    tf.dispose(tensors)
  }
}

const isFinite = (found: Awaited<ReturnType<typeof evaluate>>): boolean =>
  found instanceof BunsenError ||
  (Number.isFinite(found.value) && found.gradients.every((gradient) => gradient.every(Number.isFinite)))

describe('every loss, on the CPU', () => {
  it.each(named.filter(([id]) => !heldStill.has(id)))(
    '%s: its gradient is the slope of the loss',
    async (_id, loss) => {
      await tf.setBackend('cpu')
      const params = defaultsOf(loss.fields)
      const batch = lossBatch(loss.accepts, { order: inOrder(6) })
      const points = pointsOf(loss, batch, params)
      const found = await evaluate(loss, { order: inOrder(6) })
      if (found instanceof BunsenError) throw found
      const valueAt = async (direction: Float32Array[], step: number): Promise<number> => {
        const shifted = points.map(({ shape, values }, i) => ({
          shape,
          values: values.map((value, k) => value + step * direction[i]![k]!),
        }))
        const value = tf.tidy(() => resultOf(loss, batch, params, shifted.map(tensorOf)).loss)
        return (await value.data<'float32'>())[0]!
      }
      for (let trial = 0; trial < 3; trial++) {
        const generator = new Generator(trial, `tests/losses/direction`)
        const direction = points.map(({ values }, i) =>
          Float32Array.from(generator.normals(values.length, i)),
        )
        const expected = found.gradients.reduce(
          (sum, gradient, i) => sum + gradient.reduce((part, g, k) => part + g * direction[i]![k]!, 0),
          0,
        )
        const away = async (step: number) =>
          (await valueAt(direction, step)) - (await valueAt(direction, -step))
        // Of fourth order; the loss is exact to some 1e-7 of its size.
        const slope = (8 * (await away(4e-3)) - (await away(8e-3))) / 0.048
        const noise = 4e-4 * Math.max(1, Math.abs(found.value))
        expect(Math.abs(slope - expected), `${slope} against ${expected}`).toBeLessThan(
          1e-2 * Math.abs(expected) + noise,
        )
      }
    },
  )

  it.each(named)('%s: is finite, or refused by name, for any batch', async (_id, loss) => {
    await tf.setBackend('cpu')
    for (const count of [1, 2, 7, 65]) {
      const order = inOrder(count)
      for (const options of [{}, { scale: 0 }, { areEqual: true }, { scale: 1e3 }, { scale: 1e-6 }])
        expect(
          isFinite(await evaluate(loss, { order, ...options })),
          JSON.stringify({ count, options }),
        ).toBe(true)
    }
  })

  it.each(named)('%s: is finite at both ends of its temperatures', async (_id, loss) => {
    await tf.setBackend('cpu')
    for (const [name, field] of Object.entries(loss.fields)) {
      if (!/temperature|scale|sharpness|beta|gamma|epsilon/i.test(name) || field.type !== 'number') continue
      for (const value of [field.min, field.max]) {
        const params = { ...defaultsOf(loss.fields), [name]: value }
        expect(isFinite(await evaluate(loss, { order: inOrder(5) }, params)), `${name} ${value}`).toBe(true)
      }
    }
  })

  it.each(named)('%s: does not depend on the order of a batch', async (_id, loss) => {
    await tf.setBackend('cpu')
    const [found, permuted] = [
      await evaluate(loss, { order: inOrder(7) }),
      await evaluate(loss, { order: [3, 0, 6, 1, 5, 2, 4] }),
    ]
    if (found instanceof BunsenError || permuted instanceof BunsenError) throw new Error('refused')
    expect(Math.abs(found.value - permuted.value)).toBeLessThan(2e-5 * Math.max(1, Math.abs(found.value)))
  })

  it.each(named)(
    '%s: gives scalars by name, keeps what it declares, and leaves no tensors behind',
    async (_id, loss) => {
      await tf.setBackend('cpu')
      const params = defaultsOf(loss.fields)
      const batch = lossBatch(loss.accepts, { order: inOrder(4) })
      await evaluate(loss, { order: inOrder(4) })
      const { numTensors } = tf.memory()
      await evaluate(loss, { order: inOrder(4) })
      expect(tf.memory().numTensors).toBe(numTensors)
      tf.tidy(() => {
        const points = pointsOf(loss, batch, params).map(tensorOf)
        const { loss: value, parts, state = {} } = resultOf(loss, batch, params, points)
        for (const scalar of [value, ...Object.values(parts)]) expect(scalar.shape).toEqual([])
        const declared = loss.state(params, { width: lossWidth, batchSize: 4 })
        expect(Object.keys(state).sort()).toEqual(Object.keys(declared).sort())
        for (const [name, { shape, dtype }] of Object.entries(declared))
          expect(state[name], name).toMatchObject({ shape: [...shape], dtype })
      })
    },
  )
})

const gpu = await gpuForTests()

describe.skipIf(gpu === null)(
  gpu === null ? 'every loss, recorded: skipped, there is no WebGPU adapter' : 'every loss, recorded',
  () => {
    it.each(named)(
      '%s: gives the bits of what is computed one by one, and what the CPU gives',
      async (_id, loss) => {
        const device = await createDevice({ backend: 'webgpu', gpu })
        const backend = tf.backend()
        if (!(backend instanceof LabBackend)) throw new Error('no LabBackend')
        const workspace = new Workspace(backend)
        const params = defaultsOf(loss.fields)
        const batch = lossBatch(loss.accepts, { order: inOrder(9) })
        const points = pointsOf(loss, batch, params)
        const open = (isEager: boolean) =>
          createDeviceFunction<string>({
            feeds: Object.fromEntries(
              points.map(({ values }, i) => [`x${i}`, { dtype: 'float32', length: values.length } as const]),
            ),
            workspace,
            isEager,
            run(inputs) {
              const tensors = points.map(({ shape }, i) => tf.reshape(inputs.tensor(`x${i}`), shape))
              const { value, grads } = tf.valueAndGrads(
                (...x: tf.Tensor[]) => resultOf(loss, batch, params, x).loss,
              )(tensors)
              return tf.concat([value, ...grads].map((x): tf.Tensor1D => tf.reshape(x, [-1])))
            },
          })
        const [recorded, eager] = [open(false), open(true)]
        const values = Object.fromEntries(points.map(({ values: own }, i) => [`x${i}`, own]))
        await recorded.call(values, 0).read()
        const [got, expected] = [await recorded.call(values, 0).read(), await eager.call(values, 0).read()]
        expect(sameBits(got, expected)).toBe(true)
        expect(recorded.refusal).toBeNull()
        for (const each of [recorded, eager]) each.dispose()
        workspace.dispose()
        device.throwIfFailed()
        device.dispose()
        await tf.setBackend('cpu')
        const there = await evaluate(loss, { order: inOrder(9) })
        if (there instanceof BunsenError) throw there
        const all = [there.value, ...there.gradients.flatMap((gradient) => [...gradient])]
        all.forEach((value, i) =>
          expect(Math.abs(got[i]! - value)).toBeLessThan(2e-4 * Math.max(1, Math.abs(value))),
        )
      },
    )
  },
)
