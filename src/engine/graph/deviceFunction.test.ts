import { describe, expect, it, vi } from 'vitest'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { createDevice } from '../backend/createDevice.ts'
import type { LabBackend } from '../backend/labBackend.ts'
import * as tf from '../backend/tfjs.ts'
import { createDeviceFunction, type DeviceFunctionOptions } from './deviceFunction.ts'
import { Pieces } from './pieces.ts'
import { Workspace } from './workspace.ts'

const gpu = await gpuForTests()

/** x -> f(x, host) of two numbers. */
async function open(run: (x: tf.Tensor1D, host: number) => tf.Tensor1D) {
  const device = await createDevice({ backend: 'webgpu', gpu })
  const workspace = new Workspace(tf.backend() as LabBackend)
  const options: DeviceFunctionOptions<'x'> = {
    feeds: { x: { dtype: 'float32', length: 2 } },
    run: (inputs, host) => run(inputs.tensor('x'), host),
    workspace,
    isEager: false,
  }
  const compute = createDeviceFunction(options)
  return {
    compute,
    call: async (x: number[], host: number) => [
      ...(await compute.call({ x: Float32Array.from(x) }, host).read()),
    ],
    close() {
      compute.dispose()
      workspace.dispose()
      device.throwIfFailed()
      device.dispose()
    },
  }
}

describe.skipIf(gpu === null)(
  gpu === null ? 'createDeviceFunction: skipped, there is no WebGPU adapter' : 'createDeviceFunction',
  () => {
    it('replays tfjs’s own operations with other inputs, after compiling in the background or at once', async () => {
      for (const isPrepared of [true, false]) {
        const f = await open((x) => tf.add(tf.mul(x, 3), tf.sum(x)))
        const progress: number[][] = []
        if (isPrepared) await f.compute.prepare((done, total) => progress.push([done, total]))
        expect(await f.call([1, 2], 0)).toEqual([6, 9])
        expect(await f.call([10, 0], 1)).toEqual([40, 10])
        expect(f.compute.refusal).toBeNull()
        expect(f.compute.program!.dispatches).toBeGreaterThan(1)
        if (isPrepared) {
          const [done, total] = progress.at(-1)!
          expect([progress[0], done]).toEqual([[0, total], total])
        }
        f.close()
      }
    })

    it('can be called right after it was planned, and so can what needs the same programs', async () => {
      const f = await open((x) => tf.add(tf.mul(x, 3), tf.sum(x)))
      expect(f.compute.plan()).not.toBeNull()
      const eager = tf.tidy(() => tf.sum(tf.tensor1d([4, 5])))
      expect([...(await eager.data())]).toEqual([9])
      eager.dispose()
      const record = vi.spyOn(tf.backend() as LabBackend, 'record')
      expect(await f.call([1, 2], 0)).toEqual([6, 9])
      expect(record).not.toHaveBeenCalled()
      expect(f.compute.program!.dispatches).toBeGreaterThan(1)
      vi.restoreAllMocks()
      f.close()
    })

    it('gives the same in several submissions', async () => {
      const f = await open((x) => tf.add(tf.mul(x, 3), tf.mul(tf.sum(x), tf.exp(x))))
      const whole = await f.call([1, 2], 0)
      vi.spyOn(Pieces.prototype, 'watch').mockImplementation(function (this: Pieces) {
        this.count = 3
      })
      await f.call([5, 5], 0)
      const submit = vi.spyOn((tf.backend() as LabBackend).device.queue, 'submit')
      expect(await f.call([1, 2], 0)).toEqual(whole)
      expect(submit.mock.calls.length).toBeGreaterThanOrEqual(3)
      vi.restoreAllMocks()
      f.close()
    })

    it('changes variables in place at every call', async () => {
      const f = await open((x) => tf.clone(x))
      const backend = tf.backend() as LabBackend
      const state = tf.variable(tf.tensor1d([0, 0]))
      backend.rangeOf(state)
      backend.flush()
      const workspace = new Workspace(backend)
      const counter = createDeviceFunction<'x'>({
        feeds: { x: { dtype: 'float32', length: 2 } },
        workspace,
        isEager: false,
        run(inputs) {
          const next = tf.add(state, inputs.tensor('x')) as tf.Tensor1D
          backend.copy(next, backend.rangeOf(state))
          return next
        },
      })
      const add = async (x: number[]) => [...(await counter.call({ x: Float32Array.from(x) }, 0).read())]
      expect(await add([1, 2])).toEqual([1, 2])
      expect(await add([1, 2])).toEqual([2, 4])
      expect(await add([10, 0])).toEqual([12, 4])
      counter.dispose()
      workspace.dispose()
      state.dispose()
      f.close()
    })

    it('finds and names a number that the host makes anew at every step, and goes on without a recording', async () => {
      const f = await open((x, host) => tf.mul(x, host + 1))
      expect(await f.call([1, 2], 0)).toEqual([1, 2])
      expect(f.compute.refusal).toMatch(/a constant made on the host of 4 bytes, which “.*” reads/)
      expect(await f.call([1, 2], 4)).toEqual([5, 10])
      f.close()
    })

    it('finds and names a step that asks for other operations at other steps', async () => {
      const f = await open((x, host) => (host % 2 === 0 ? tf.square(x) : tf.sqrt(x)))
      expect(await f.call([4, 9], 0)).toEqual([16, 81])
      expect(f.compute.refusal).toMatch(/at one step and .* at another/)
      expect(await f.call([4, 9], 1)).toEqual([2, 3])
      f.close()
    })

    it('reads many calls with one transfer, in any order', async () => {
      const f = await open((x) => tf.mul(x, 2))
      const pending = [1, 2, 3, 4].map((x) => f.compute.call({ x: Float32Array.of(x, 0) }, 0))
      pending[1]!.discard()
      const [last, first] = await Promise.all([pending[3]!.read(), pending[0]!.read()])
      expect([first![0], last![0], (await pending[2]!.read())[0]]).toEqual([2, 8, 6])
      f.close()
    })

    it('tells what a recording takes without taking it, and refuses by name what no buffer can hold', async () => {
      const f = await open((x) => tf.sum(tf.mul(tf.broadcastTo(tf.reshape(x, [2, 1]), [2, 100]), 2), 1))
      const placement = f.compute.plan()!
      expect(placement.places.map(({ sizeBytes }) => sizeBytes)).toEqual([800, 800])
      expect(f.compute.program).toBeNull()
      await f.compute.prepare(() => {})
      expect(f.compute.program!.placement.places).toHaveLength(2)
      expect(f.compute.plan()).toBe(f.compute.program!.placement)
      expect(await f.call([1, 2], 0)).toEqual([200, 400])
      f.close()
      const columns = 2 ** 31
      const huge = await open((x) => tf.max(tf.broadcastTo(tf.reshape(x, [2, 1]), [2, columns]), 1))
      expect(huge.compute.plan()!.largest!.sizeBytes).toBe(8 * columns)
      await expect(huge.compute.prepare(() => {})).rejects.toThrow(/max\w+, got 17.2 GB for “.+”/)
      huge.close()
    })

    it('keeps one program where a call did not wait for it, and none where it was disposed of meanwhile', async () => {
      const f = await open((x) => tf.mul(x, 2))
      const preparing = f.compute.prepare(() => {})
      expect(await f.call([1, 2], 0)).toEqual([2, 4])
      const { program } = f.compute
      await preparing
      expect(f.compute.program).toBe(program)
      f.close()
      const ended = await open((x) => tf.mul(x, 3))
      const work = ended.compute.prepare(() => {})
      ended.compute.dispose()
      await work
      expect(ended.compute.program).toBeNull()
      ended.close()
    })

    it('tells whoever waits for a preparation of what it failed', async () => {
      const columns = 2 ** 31
      const huge = await open((x) => tf.max(tf.broadcastTo(tf.reshape(x, [2, 1]), [2, columns]), 1))
      await huge.compute.prepared()
      void huge.compute.prepare(() => {})
      await expect(huge.compute.prepared()).rejects.toThrow(/got 17.2 GB/)
      huge.close()
    })

    it('refuses to lose numbers that nobody has read', async () => {
      const f = await open((x) => tf.mul(x, 2))
      const call = () => f.compute.call({ x: Float32Array.of(1, 0) }, 0)
      const pending = Array.from({ length: 64 }, call)
      expect(call).toThrow(/at most 64 steps may wait to be read/)
      expect((await pending[0]!.read())[0]).toBe(2)
      expect((await call().read())[0]).toBe(2)
      f.close()
    })
  },
)
