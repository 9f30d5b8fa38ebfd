import { expect } from 'vitest'
import { Generator } from '../../src/core/rng.ts'
import { LabBackend } from '../../src/engine/backend/labBackend.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { setTwinsOnly } from '../../src/engine/kernels/mode.ts'
import { setSubgroupsUnused } from '../../src/engine/kernels/subgroups.ts'

export interface Tolerance {
  rtol: number
  atol: number
}

export interface KernelCase {
  shapes: readonly (readonly number[])[]
  /** Values of the inputs; standard normals times `scale` (1) by default. */
  scale?: number
  inputs?: readonly Float32Array[]
  run: (...inputs: tf.Tensor[]) => tf.Tensor
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

export function normals(size: number, name: string, scale = 1): Float32Array {
  return new Generator(7, name).normals(size).map((value) => value * scale)
}

export function inputsOf({ shapes, inputs, scale = 1 }: KernelCase): Float32Array[] {
  return shapes.map((shape, k) => inputs?.[k] ?? normals(sizeOf(shape), `input ${k}`, scale))
}

/** The output and, for loss = sum(output · cotangent), the gradient of every input; asserts that nothing leaks. */
export async function valueAndGradients(kernel: KernelCase): Promise<Float32Array[]> {
  const inputs = inputsOf(kernel).map((values, k) => tf.tensor(values, [...kernel.shapes[k]!], 'float32'))
  const before = tf.memory().numTensors
  const value = kernel.run(...inputs)
  const cotangent = tf.tensor(normals(value.size, 'cotangent'), value.shape)
  const gradients = tf.grads((...args: tf.Tensor[]) => kernel.run(...args))(inputs, cotangent)
  const results = [value, ...gradients]
  const arrays = await Promise.all(results.map(async (tensor) => Float32Array.from(await tensor.data())))
  tf.dispose([...results, cotangent])
  expect(tf.memory().numTensors, 'tensors leaked').toBe(before)
  tf.dispose(inputs)
  return arrays
}

/** A scalar-free float64 oracle of the output; gradients by central differences of sum(output · cotangent). */
export function referenceGradients(
  inputs: readonly Float32Array[],
  reference: (...inputs: Float64Array[]) => ArrayLike<number>,
): number[][] {
  const values = inputs.map((input) => Float64Array.from(input))
  const output = Array.from(reference(...values))
  const cotangent = normals(output.length, 'cotangent')
  const loss = (): number =>
    Array.from(reference(...values)).reduce((sum, y, i) => sum + y * cotangent[i]!, 0)
  const gradients = values.map((input) =>
    Array.from(input, (at, i) => {
      const h = 1e-5 * Math.max(1, Math.abs(at))
      input[i] = at + h
      const above = loss()
      input[i] = at - h
      const below = loss()
      input[i] = at
      return (above - below) / (2 * h)
    }),
  )
  return [output, ...gradients]
}

/** |actual - expected| <= atol + rtol · max |expected|, element by element; NaN equals NaN. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol, atol }: Tolerance,
  what = 'value',
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length)
  let largest = 0
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]!))
  let worst = 0
  let worstAt = -1
  for (let i = 0; i < expected.length; i++) {
    const difference = Object.is(actual[i]!, expected[i]!) ? 0 : Math.abs(actual[i]! - expected[i]!)
    if (difference <= worst) continue
    worst = difference
    worstAt = i
  }
  const bound = atol + rtol * largest
  const text = `${what}[${worstAt}]: got ${actual[worstAt]}, expected ${expected[worstAt]}, difference ${worst}`
  expect(worst <= bound, `${text} > ${bound}`).toBe(true)
}

/** Tensors that are there, and buffers with their bytes: those in use and those that wait for it. */
export function heldBy(lab: LabBackend) {
  const buffers = lab.bufferManager.getNumUsedBuffers()
  return { tensors: tf.memory().numTensors, buffers, bytes: lab.usedBytes }
}

const names = (k: number): string => (k === 0 ? 'output' : `gradient ${k - 1}`)

/** The kernel, as it runs on the current backend, against the float64 oracle. */
export async function expectMatchesReference(
  kernel: KernelCase,
  reference: (...inputs: Float64Array[]) => ArrayLike<number>,
  tolerance: Tolerance,
): Promise<void> {
  const expected = referenceGradients(inputsOf(kernel), reference)
  const actual = await valueAndGradients(kernel)
  actual.forEach((array, k) => expectClose(array, expected[k]!, tolerance, names(k)))
}

/**
 * The fused kernel against its twin, in its forms for software and for hardware, and against itself, bit for bit. Returns false on a
 * backend without fused kernels.
 */
export async function expectFusedMatchesTwin(kernel: KernelCase, tolerance: Tolerance): Promise<boolean> {
  const backend = tf.backend()
  if (!(backend instanceof LabBackend)) return false
  const twin = await withTwins(() => valueAndGradients(kernel))
  const { isSoftware } = backend
  for (const form of [true, false]) {
    backend.isSoftware = form
    const fused = await valueAndGradients(kernel)
    const held = heldBy(backend)
    const again = await valueAndGradients(kernel)
    expect(heldBy(backend), `held after the second time, software form ${form}`).toEqual(held)
    fused.forEach((array, k) => {
      expectClose(array, twin[k]!, tolerance, `${names(k)}, software form ${form}`)
      expect(sameBits(array, again[k]!), `${names(k)}: not the same bits twice`).toBe(true)
    })
  }
  backend.isSoftware = isSoftware
  return true
}

export async function withTwins<T>(run: () => Promise<T>): Promise<T> {
  setTwinsOnly(true)
  try {
    return await run()
  } finally {
    setTwinsOnly(false)
  }
}

/** As on a device that was made without subgroups. */
export async function withoutSubgroups<T>(run: () => Promise<T>): Promise<T> {
  setSubgroupsUnused(true)
  try {
    return await run()
  } finally {
    setSubgroupsUnused(false)
  }
}

export function sameBits(a: Float32Array, b: Float32Array): boolean {
  const left = new Uint32Array(a.buffer, a.byteOffset, a.length)
  const right = new Uint32Array(b.buffer, b.byteOffset, b.length)
  return a.length === b.length && left.every((word, i) => word === right[i])
}
