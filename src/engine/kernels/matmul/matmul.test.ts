import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, normals, sameBits, withTwins } from '../../../../tests/helpers/kernels.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { type Factors, matmul } from './matmul.ts'

const plain: Factors = { isATransposed: false, isBTransposed: false }
const bTransposed: Factors = { isATransposed: false, isBTransposed: true }
const aTransposed: Factors = { isATransposed: true, isBTransposed: false }
const sizes = [1, 63, 64, 65, 1000]
// rows, columns, inner; programs take long to compile on software adapters, so each layout gets one axis at all sizes
type Sizes = [rows: number, columns: number, inner: number]
const sweeps: [string, Factors, Sizes[]][] = [
  ['a · b at many rows', plain, sizes.map((size) => [size, 12, 8])],
  ['a · bᵀ at many columns', bTransposed, sizes.map((size) => [12, size, 8])],
  ['aᵀ · b at many inner sizes', aTransposed, sizes.map((size) => [12, 8, size])],
]
const awkward: Sizes[] = [
  [33, 74, 1],
  [31, 65, 64],
  [36, 24, 31],
  [1, 1, 1],
]
const cases: [string, Factors, Sizes[]][] = [
  ...sweeps,
  ['a · b at awkward sizes', plain, awkward],
  ['a · bᵀ at awkward sizes', bTransposed, awkward],
  ['aᵀ · b at awkward sizes', aTransposed, awkward],
]

interface Problem {
  a: tf.Tensor2D
  b: tf.Tensor2D
  bias: tf.Tensor1D
  expected: Float64Array
}

function problem(rows: number, columns: number, inner: number, factors: Factors): Problem {
  const { isATransposed, isBTransposed } = factors
  const aValues = normals(rows * inner, 'a')
  const bValues = normals(inner * columns, 'b')
  const biasValues = normals(columns, 'bias')
  const expected = new Float64Array(rows * columns)
  for (let m = 0; m < rows; m++) {
    for (let n = 0; n < columns; n++) {
      let sum = biasValues[n]!
      for (let k = 0; k < inner; k++) {
        const a = aValues[isATransposed ? k * rows + m : m * inner + k]!
        sum += a * bValues[isBTransposed ? n * inner + k : k * columns + n]!
      }
      expected[m * columns + n] = sum
    }
  }
  const a = tf.tensor2d(aValues, isATransposed ? [inner, rows] : [rows, inner])
  const b = tf.tensor2d(bValues, isBTransposed ? [columns, inner] : [inner, columns])
  return { a, b, bias: tf.tensor1d(biasValues), expected }
}

async function valuesOf(y: tf.Tensor): Promise<Float32Array> {
  const values = Float32Array.from(await y.data())
  y.dispose()
  return values
}

await describeOnDevices('matmul', () => {
  let wasSoftware = false
  beforeEach(() => {
    const backend = tf.backend()
    if (!(backend instanceof LabBackend)) return
    wasSoftware = backend.isSoftware
    backend.isSoftware = true
  })
  afterEach(() => {
    const backend = tf.backend()
    if (backend instanceof LabBackend) backend.isSoftware = wasSoftware
  })

  it.each(cases)('equals float64 loops, the same bits twice: %s', async (_, factors, list) => {
    for (const [rows, columns, inner] of list) {
      const { a, b, bias, expected } = problem(rows, columns, inner, factors)
      const before = tf.memory().numTensors
      const y = await valuesOf(matmul(a, b, factors, bias))
      const what = `[${rows}, ${inner}] · [${inner}, ${columns}]`
      expectClose(y, expected, { rtol: 1e-6, atol: 1e-6 }, what)
      expect(sameBits(y, await valuesOf(matmul(a, b, factors, bias))), what).toBe(true)
      expect(tf.memory().numTensors, 'tensors leaked').toBe(before)
      tf.dispose([a, b, bias])
    }
  })

  it('equals its twin', async () => {
    const { a, b, bias } = problem(33, 74, 1, plain)
    const twin = await withTwins(() => valuesOf(matmul(a, b, plain, bias)))
    expectClose(await valuesOf(matmul(a, b, plain, bias)), twin, { rtol: 1e-6, atol: 1e-6 })
  })
})
