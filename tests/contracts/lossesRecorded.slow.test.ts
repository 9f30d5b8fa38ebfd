import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BunsenError } from '../../src/core/errors.ts'
import { createDevice, type EngineDevice } from '../../src/engine/backend/createDevice.ts'
import { LabBackend } from '../../src/engine/backend/labBackend.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { createDeviceFunction, type DeviceFunction } from '../../src/engine/graph/deviceFunction.ts'
import { Workspace } from '../../src/engine/graph/workspace.ts'
import { losses } from '../../src/engine/losses/registry.ts'
import { gpuForTests } from '../helpers/gpu.ts'
import { sameBits } from '../helpers/kernels.ts'
import { lossBatch, type BatchOptions, type Leaf, type LossBatch } from '../helpers/lossInputs.ts'
import {
  evaluate,
  firstState,
  pointsOf,
  resultOf,
  variantsOf,
  type LossVariant,
} from '../helpers/lossRuns.ts'

const gpu = await gpuForTests()
const count = 9
const orders = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8],
  [4, 8, 1, 0, 7, 2, 6, 5, 3],
  [8, 7, 6, 5, 4, 3, 2, 1, 0],
]
const steps = orders.map((order, seed): BatchOptions => ({ order, seed: seed + 5, hasSharedIds: true }))

/** One variant's arrays of a step, and what its state has become. */
interface Played {
  readonly variant: LossVariant
  readonly state: Readonly<Record<string, Leaf>>
}

function arraysOf({ variant, state }: Played, batch: LossBatch): Leaf[] {
  return [...pointsOf(variant, batch), ...batch.given, ...Object.values(state)]
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)
const flat = (tensor: tf.Tensor): tf.Tensor1D => tf.reshape(tf.cast(tensor, 'float32'), [tensor.size])

/** All that variants of a loss give, one after the other: loss, gradients, parts, state. */
function open(played: readonly Played[], batch: LossBatch, workspace: Workspace, isEager: boolean) {
  const names = played.flatMap((each, v) =>
    arraysOf(each, batch).map((leaf, i) => [`${v} ${i}`, leaf] as const),
  )
  return createDeviceFunction<string>({
    feeds: Object.fromEntries(
      names.map(([name, { dtype, values }]) => [name, { dtype, length: values.length }]),
    ),
    workspace,
    isEager,
    run(inputs) {
      const results = played.flatMap((each, v) => {
        const arrays = arraysOf(each, batch).map(({ shape }, i) =>
          tf.reshape(inputs.tensor(`${v} ${i}`), [...shape]),
        )
        const points = arrays.splice(0, pointsOf(each.variant, batch).length)
        const given = arrays.splice(0, batch.given.length)
        const state = Object.fromEntries(Object.keys(each.state).map((name, i) => [name, arrays[i]!]))
        const compute = (x: tf.Tensor[]) => resultOf(each.variant, batch, x, { state, given })
        const { value, grads } = tf.valueAndGrads((...x: tf.Tensor[]) => compute(x).loss)(points)
        const { parts, state: next = {} } = compute(points)
        const kept = Object.keys(each.state).map((name) => next[name]!)
        return [value, ...grads, ...Object.values(parts), ...kept]
      })
      return tf.concat(results.map(flat))
    },
  })
}

const valuesOf = (played: readonly Played[], batch: LossBatch) =>
  Object.fromEntries(
    played.flatMap((each, v) => arraysOf(each, batch).map(({ values }, i) => [`${v} ${i}`, values])),
  )

/** Reads each variant's state from the end of its share of `numbers`, which is what comes before the next one's. */
function next(played: readonly Played[], shares: readonly number[], numbers: Float32Array): Played[] {
  let end = 0
  return played.map(({ variant, state }, v) => {
    end += shares[v]!
    let at = end - Object.values(state).reduce((sum, { values }) => sum + values.length, 0)
    const read = Object.entries(state).map(([name, leaf]): [string, Leaf] => {
      const own = numbers.subarray(at, (at += sizeOf(leaf.shape)))
      return [name, { ...leaf, values: leaf.dtype === 'int32' ? Int32Array.from(own) : own.slice() }]
    })
    return { variant, state: Object.fromEntries(read) }
  })
}

describe.skipIf(gpu === null)(
  gpu === null ? 'every loss, recorded: skipped, there is no WebGPU adapter' : 'every loss, recorded',
  () => {
    let device: EngineDevice
    let name: string
    beforeAll(async () => {
      device = await createDevice({ backend: 'webgpu', gpu })
      name = tf.getBackend()
    })
    afterAll(() => device.dispose())

    it.each(losses.all.map((loss) => [loss.id, loss] as const))(
      '%s and its variants: give, with other inputs and a state that goes on, the bits of what is computed one by one, and what the CPU gives',
      async (_id, loss) => {
        const onHost = async (variant: LossVariant) => {
          await tf.setBackend('cpu')
          return evaluate(variant, steps[0]!)
        }
        const all = variantsOf(loss)
        const hosts = await Promise.all(all.map(onHost))
        await tf.setBackend(name)
        let played = all
          .filter((_, v) => !(hosts[v] instanceof BunsenError))
          .map((variant): Played => ({ variant, state: firstState(variant, count) }))
        expect(played.length).toBeGreaterThan(0)
        const backend = tf.backend()
        if (!(backend instanceof LabBackend)) throw new Error('no LabBackend')
        const workspace = new Workspace(backend)
        const batch = lossBatch(loss.accepts, steps[0]!)
        const [recorded, eager] = [false, true].map((isEager) => open(played, batch, workspace, isEager)) as [
          DeviceFunction<string>,
          DeviceFunction<string>,
        ]
        const found = hosts.flatMap((host) => (host instanceof BunsenError ? [] : [host]))
        const shares = found.map(
          ({ gradients, parts }, v) =>
            1 +
            gradients.reduce((sum, gradient) => sum + gradient.length, 0) +
            Object.keys(parts).length +
            Object.values(played[v]!.state).reduce((sum, { values }) => sum + values.length, 0),
        )
        for (const [step, options] of steps.entries()) {
          const values = valuesOf(played, lossBatch(loss.accepts, options))
          const expected = await eager.call(values, step).read()
          const got = await recorded.call(values, step).read()
          expect(got.length).toBe(shares.reduce((sum, share) => sum + share))
          expect(sameBits(got, expected), `step ${step}`).toBe(true)
          if (step === 0) expectClose(got, found, shares)
          played = next(played, shares, got)
        }
        expect(recorded.refusal).toBeNull()
        for (const each of [recorded, eager]) each.dispose()
        workspace.dispose()
        device.throwIfFailed()
      },
    )
  },
)

function expectClose(
  got: Float32Array,
  found: readonly Exclude<Awaited<ReturnType<typeof evaluate>>, BunsenError>[],
  shares: readonly number[],
): void {
  let from = 0
  found.forEach(({ value, gradients, parts }, v) => {
    const all = [value, ...gradients.flatMap((gradient) => [...gradient]), ...Object.values(parts)]
    all.forEach((each, i) =>
      expect(Math.abs(got[from + i]! - each), `variant ${v}, number ${i}`).toBeLessThan(
        2e-4 * Math.max(1, Math.abs(each)),
      ),
    )
    from += shares[v]!
  })
}
