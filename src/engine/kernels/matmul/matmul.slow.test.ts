import { describe, expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, normals, sameBits, withoutSubgroups } from '../../../../tests/helpers/kernels.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { newTensor } from '../wgsl.ts'
import { withMatmulChoices, type MatmulChoices } from './chooseMatmul.ts'
import { matmul, matmulStack, type Product } from './matmul.ts'
import { kernels, possibleKernels, type MatmulKernelName } from './matmulKernels.ts'

type Layout = Pick<Product, 'isATransposed' | 'isBTransposed'>
const plain: Layout = {}
const bTransposed: Layout = { isBTransposed: true }
const aTransposed: Layout = { isATransposed: true }
// rows, columns, inner
type Sizes = [rows: number, columns: number, inner: number]
// Programs take long to compile on software adapters, so each layout gets one axis at all sizes.
const sweeps: [string, Layout, Sizes[]][] = [
  ['a · b at many rows', plain, [1, 63, 64, 65, 1000].map((size) => [size, 12, 8])],
  ['a · bᵀ at many columns', bTransposed, [1, 63, 64, 65, 1000].map((size) => [12, size, 8])],
  ['aᵀ · b at many inner sizes', aTransposed, [1, 63, 64, 65, 1000].map((size) => [12, 8, size])],
]
const awkward: Sizes[] = [
  [33, 74, 1],
  [31, 65, 62],
  [36, 24, 31],
  [1, 1, 1],
  [131, 37, 30],
]
const cases: [string, Layout, Sizes[]][] = [
  ...sweeps,
  ['a · b at awkward sizes', plain, awkward],
  ['a · bᵀ at awkward sizes', bTransposed, awkward],
  ['aᵀ · b at awkward sizes', aTransposed, awkward],
]

interface Problem {
  a: tf.Tensor2D
  b: tf.Tensor2D
  bias: tf.Tensor1D
  biasValues: Float32Array
  expected: Float64Array
  columnSums: Float64Array
}

function problem(
  [rows, columns, inner]: Sizes,
  { isATransposed, isBTransposed }: Layout,
  scale = 1,
): Problem {
  const aValues = normals(rows * inner, 'a', scale)
  const bValues = normals(inner * columns, 'b')
  const biasValues = normals(columns, 'bias')
  const expected = new Float64Array(rows * columns)
  const columnSums = new Float64Array(columns)
  const bAt = (k: number, n: number): number => bValues[isBTransposed ? n * inner + k : k * columns + n]!
  for (let n = 0; n < columns; n++) {
    for (let k = 0; k < inner; k++) columnSums[n]! += bAt(k, n)
    for (let m = 0; m < rows; m++) {
      let sum = biasValues[n]!
      for (let k = 0; k < inner; k++)
        sum += aValues[isATransposed ? k * rows + m : m * inner + k]! * bAt(k, n)
      expected[m * columns + n] = sum
    }
  }
  const a = tf.tensor2d(aValues, isATransposed ? [inner, rows] : [rows, inner])
  const b = tf.tensor2d(bValues, isBTransposed ? [columns, inner] : [inner, columns])
  return { a, b, bias: tf.tensor1d(biasValues), biasValues, expected, columnSums }
}

async function valuesOf(y: tf.Tensor): Promise<Float32Array> {
  const values = Float32Array.from(await y.data())
  y.dispose()
  return values
}

const tolerance = { rtol: 1e-6, atol: 1e-6 }

await describeOnDevices('matmul', () => {
  const backend = (): LabBackend | null => {
    const current = tf.backend()
    return current instanceof LabBackend ? current : null
  }

  it.each(cases)(
    'equals float64 loops in both forms, the same bits twice: %s',
    async (_, layout, list) => {
      const lab = backend()
      if (lab === null) return
      const { isSoftware } = lab
      for (const sizes of list) {
        const { a, b, bias, expected } = problem(sizes, layout)
        for (const form of [true, false]) {
          lab.isSoftware = form
          const before = tf.memory().numTensors
          const run = (): Promise<Float32Array> =>
            valuesOf(matmul(lab, { a, b, ...layout, epilogue: { bias } }))
          const y = await run()
          const what = `[${sizes.join(', ')}], software form ${form}`
          expectClose(y, expected, tolerance, what)
          expect(sameBits(y, await run()), what).toBe(true)
          expect(tf.memory().numTensors, 'tensors leaked').toBe(before)
        }
        lab.isSoftware = isSoftware
        tf.dispose([a, b, bias])
      }
    },
    120_000,
  )

  it('every kernel that the adapter has makes the product and the sums of columns', async () => {
    const lab = backend()
    if (lab === null) return
    // One layout each: the sweeps have the others, and programs are slow to compile.
    for (const [i, name] of possibleKernels(lab, true).entries()) {
      {
        const layout = [plain, bTransposed, aTransposed][i % 3]!
        // Parts need a long sum: 100 is shared by 4 unevenly, and leaves some of 16 without any.
        const sizes: Sizes = kernels[name].parts > 1 ? [20, 37, 100] : [40, 68, 22]
        const { a, b, bias, biasValues, expected, columnSums } = problem(sizes, layout)
        const sums = newTensor<tf.Rank.R1>(lab, [sizes[1]])
        const y = await valuesOf(matmul(lab, { a, b, ...layout, kernel: name, columnSums: sums }))
        expectClose(
          y,
          expected.map((value, i) => value - biasValues[i % sizes[1]]!),
          tolerance,
          name,
        )
        expectClose(await valuesOf(sums), columnSums, tolerance, `${name}: sums`)
        tf.dispose([a, b, bias])
      }
    }
  }, 120_000)

  it('multiplies the matrices of stacks one by one', async () => {
    const lab = backend()
    if (lab === null) return
    // One of each form: programs are slow to compile.
    const forms: MatmulKernelName[] = ['registers-4x8', 'lanes8-16x4', 'lanes4-16x8', 'shared-32x32-4parts']
    for (const [i, name] of forms.filter((form) => possibleKernels(lab, true).includes(form)).entries()) {
      const layout = [plain, bTransposed, aTransposed][i % 3]!
      // No block of a kernel divides the rows: the last one of a matrix must not reach into the next one.
      const sizes: Sizes = kernels[name].parts > 1 ? [20, 36, 100] : [70, 37, 22]
      const all = [1, 2, 3].map((scale) => problem(sizes, layout, scale))
      const [a, b] = [tf.stack(all.map((one) => one.a)), tf.stack(all.map((one) => one.b))] as tf.Tensor3D[]
      const { bias } = all[0]!
      const product = { a: a!, b: b!, ...layout, kernel: name }
      // Parts have no epilogue.
      const epilogue = kernels[name].parts > 1 ? {} : { bias }
      const y = await valuesOf(matmulStack(lab, { ...product, epilogue }))
      const expected = all.flatMap((one) =>
        [...one.expected].map((sum, n) =>
          kernels[name].parts > 1 ? sum - one.biasValues[n % sizes[1]]! : sum,
        ),
      )
      expectClose(y, expected, tolerance, name)
      tf.dispose([a!, b!, ...all.flatMap((one) => [one.a, one.b, one.bias])])
    }
  }, 120_000)

  it('adds to what the output holds when asked', async () => {
    const lab = backend()
    if (lab === null) return
    const { a, b, bias, expected } = problem([5, 7, 9], plain)
    const output = matmul(lab, { a, b, epilogue: { bias } })
    matmul(lab, { a, b, epilogue: { bias, isAdding: true }, output })
    expectClose(
      await valuesOf(output),
      expected.map((value) => 2 * value),
      tolerance,
    )
    tf.dispose([a, b, bias])
  })

  it('equals float64 loops for huge and for tiny numbers, and without subgroups', async () => {
    const lab = backend()
    if (lab === null) return
    for (const scale of [0, 1e-40, 1e-20, 1e4, 1e18]) {
      const { a, b, bias, expected } = problem([64, 12, 8], plain, scale)
      const run = () => valuesOf(matmul(lab, { a, b, epilogue: { bias } }))
      for (const y of [await run(), await withoutSubgroups(run)])
        expectClose(y, expected, tolerance, `scale ${scale}`)
      tf.dispose([a, b, bias])
    }
  })

  it('uses a recorded choice that the adapter has, and no other', async () => {
    const lab = backend()
    if (lab === null) return
    const { a, b, bias } = problem([40, 24, 40], plain)
    const bitsWith = async (choice: MatmulKernelName | 'no-such-kernel' | null): Promise<Float32Array> => {
      const choices: MatmulChoices = choice === null ? {} : { 'nn 40 24 40': choice }
      return valuesOf(withMatmulChoices(choices, () => matmul(lab, { a, b })))
    }
    const usual = await bitsWith(null)
    expect(sameBits(await bitsWith('no-such-kernel'), usual)).toBe(true)
    expectClose(await bitsWith('shared-32x32-4parts'), usual, tolerance)
    tf.dispose([a, b, bias])
  })
})

describe('kernels of matmul', () => {
  it('have workgroups within the limits that every device is asked for', () => {
    for (const [name, { block, parts }] of Object.entries(kernels)) {
      expect(block[0] * block[1], name).toBeLessThanOrEqual(256 * 32)
      expect(parts, name).toBeLessThanOrEqual(16)
    }
  })
})
