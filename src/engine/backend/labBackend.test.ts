import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { createDevice, type EngineDevice } from './createDevice.ts'
import { LabBackend } from './labBackend.ts'
import * as tf from './tfjs.ts'

const gpu = await gpuForTests()
const twoOutputs = `@group(0) @binding(0) var<storage, read_write> sum: array<f32>;
@group(0) @binding(1) var<storage, read_write> state: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<uniform> scale: f32;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= arrayLength(&x)) { return; }
  state[id.x] += x[id.x] * scale;
  sum[id.x] = state[id.x] + x[id.x];
}`

describe.skipIf(gpu === null)(`LabBackend${gpu ? '' : ': skipped, there is no WebGPU adapter'}`, () => {
  let device: EngineDevice
  let backend: LabBackend
  beforeAll(async () => {
    device = await createDevice({ backend: 'webgpu', gpu })
    const current = tf.backend()
    if (!(current instanceof LabBackend)) throw new Error('no LabBackend')
    backend = current
  })
  afterAll(() => device.dispose())

  function accumulate(state: tf.Tensor, x: tf.Tensor, scale: number): tf.Tensor {
    const sum = tf.engine().makeTensorFromTensorInfo(backend.makeTensorInfo(x.shape, 'float32'))
    const uniforms = Float32Array.of(scale).buffer
    const reads = [x]
    backend.dispatch({
      key: 'twoOutputs',
      wgsl: () => twoOutputs,
      writes: [sum, state],
      reads,
      uniforms,
      grid: [1, 1, 1],
    })
    return sum
  }

  it('writes several outputs and in place, in order with stock operations', async () => {
    const state = tf.zeros([3])
    const x = tf.tensor1d([1, 2, 3])
    let sum = accumulate(state, x, 10)
    for (const scale of [1, 1, 5]) sum = accumulate(state, tf.mul(x, 2), scale)
    expect([...(await state.data())]).toEqual([24, 48, 72])
    expect([...(await sum.data())]).toEqual([26, 52, 78])
    accumulate(state, x, 1)
    expect([...(await state.data())]).toEqual([25, 50, 75])
    device.throwIfFailed()
  })

  it('does not reuse a buffer before the work that reads it is submitted', async () => {
    const results = Array.from({ length: 40 }, (_, k) => {
      return tf.tidy(() => tf.mul(accumulate(tf.fill([5], k), tf.ones([5]), k), 1))
    })
    for (const [k, result] of results.entries()) expect((await result.data())[4]).toBe(2 * k + 1)
  })

  it('folds long lines of workgroups into two dimensions', () => {
    expect(backend.line(65535)).toEqual([65535, 1, 1])
    const [x, y, z] = backend.line(65536 * 3)
    expect([x <= 65535, x * y >= 65536 * 3, z]).toEqual([true, true, 1])
  })

  it('trims what waits for reuse, and results that are still alive stay right', async () => {
    const kept = tf.add(tf.ones([100]), 1)
    tf.add(tf.ones([12345]), 1).dispose()
    await kept.data()
    const before = device.memory().usedBytes
    const pending = tf.tidy(() => tf.mul(tf.add(kept, 1), 2))
    device.trim()
    expect(before - device.memory().usedBytes).toBeGreaterThanOrEqual(12345 * 4)
    expect((await pending.data())[99]).toBe(6)
    expect((await tf.add(kept, tf.ones([100])).data())[99]).toBe(3)
    device.throwIfFailed()
  })

  it('holds f16 in half the memory, gives it back as numbers, and lets nobody read it as f32', async (test) => {
    if (!device.info.features.includes('shader-f16')) test.skip('the adapter has no shader-f16')
    const toHalf = (x: tf.Tensor): tf.Tensor => {
      const half = tf.engine().makeTensorFromTensorInfo(backend.makeHalf(x.shape))
      const wgsl = () => `enable f16;
@group(0) @binding(0) var<storage, read_write> y: array<f16>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&x)) { y[id.x] = f16(x[id.x]); }
}`
      const rest = { key: 'toHalf', wgsl, grid: [1, 1, 1], takesHalf: true } as const
      backend.dispatch({ ...rest, writes: [half], reads: [x] })
      return half
    }
    const half = toHalf(tf.tensor1d([1, -0.333, 70000, 6e-8, 2049]))
    expect([backend.storedAs(half), backend.rangeOf(half).size]).toEqual(['f16', 12])
    // -0.333 and 2049 to 11 bits, 70000 past the largest, 6e-8 to the smallest.
    expect([...(await half.data())]).toEqual([1, -0.3330078125, Infinity, 2 ** -24, 2048])
    const again = tf.reshape(half, [5, 1])
    expect([...(await again.data())][1]).toBe(-0.3330078125)
    const refusal = { code: 'half-precision', name: 'ShapeError' }
    expect(() => tf.mul(again, 2)).toThrow(expect.objectContaining(refusal))
    expect(() => tf.mul(again, 2)).toThrow(/“.*”: must be given 32-bit numbers, got \[5\] stored as f16/)
    expect(() => accumulate(tf.zeros([5]), half, 1)).toThrow(/“twoOutputs”: must be given 32-bit numbers/)
    half.dispose()
    again.dispose()
    device.throwIfFailed()
  })

  it('refuses numbers that tfjs cast without changing their bits', async () => {
    const state = tf.zeros([3])
    const mask = tf.tensor1d([1, 0, 1], 'bool')
    expect(() => accumulate(state, tf.cast(mask, 'float32'), 1)).toThrow(
      /“twoOutputs”: must be given float32, got \[3\] with the bits of bool/,
    )
    const chosen = tf.where(mask, tf.ones([3]), tf.zeros([3]))
    expect([...(await accumulate(state, chosen, 2).data())]).toEqual([3, 0, 3])
  })

  it('clears recycled buffers and gives all memory back on disposal', async () => {
    const tensor = tf.add(tf.ones([10]), 1)
    await tensor.data()
    backend.clear(tensor)
    accumulate(tensor, tf.zeros([10]), 1)
    expect([...(await tensor.data())]).toEqual(new Array(10).fill(0))
    const other = await createDevice({ backend: 'webgpu', gpu })
    const disposed = tf.backend() as LabBackend
    disposed.constant('table', () => Float32Array.of(1, 2, 3))
    await tf.add(tf.ones([1000]), 1).data()
    expect(other.memory().usedBytes).toBeGreaterThan(4000)
    other.dispose()
    expect(disposed.usedBytes).toBe(0)
  })
})
