import { beforeAll, describe, expect, it } from 'vitest'
import { gpuForTests } from '../../../../tests/helpers/gpu.ts'
import { expectClose, expectFusedMatchesTwin, normals } from '../../../../tests/helpers/kernels.ts'
import { createDevice } from '../../backend/createDevice.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { attention, plainAttention } from '../attention/attention.ts'
import { feedForward } from '../feedForward/feedForward.ts'
import { layerNorm } from '../layerNorm/layerNorm.ts'
import { normFork } from '../layerNorm/normFork.ts'
import { linear } from '../linear/linear.ts'
import { rowScores } from '../linear/rowScores.ts'
import { matmul } from '../matmul/matmul.ts'
import { possibleKernels, type MatmulKernelName } from '../matmul/matmulKernels.ts'
import { fusedBackend } from '../mode.ts'
import { rmsNorm } from '../rmsNorm/rmsNorm.ts'
import { bindings, elementGrid, enabling, forEachElement, newStored } from '../wgsl.ts'

const gpu = await gpuForTests()
const hasHalf = (await gpu?.requestAdapter())?.features.has('shader-f16') ?? false

/** The same numbers stored as f16, with f32 gradients; among twins, which have no f16, as they are. */
function half<T extends Tensor>(x: T): T {
  const backend = fusedBackend('half', x)
  if (backend === null) return tf.clone(x)
  return tf.customGrad((input) => {
    const from = input as Tensor
    const value = newStored(backend, from.shape, 'f16')
    backend.dispatch({
      key: 'to f16',
      wgsl: () =>
        enabling('f16') +
        bindings({ y: 'f16' }, { x: 'f32' }) +
        'fn each(i: u32) { y[i] = f16(x[i]); }\n' +
        forEachElement('arrayLength(&x)'),
      writes: [value],
      reads: [from],
      grid: elementGrid(backend, from.size),
      takesHalf: true,
    })
    return { value, gradFunc: (dy: Tensor) => tf.clone(dy) }
  })(x) as T
}

/** The same numbers in f32: a product with 1 on the diagonal. */
function full(x: Tensor2D): Tensor2D {
  return rowScores(x, tf.eye(x.shape[1]))
}

/** Multiples of 1/64 below 4, which are exact in f16. */
function exact(shapes: readonly (readonly number[])[]): Float32Array[] {
  return shapes.map((shape, k) => {
    const size = shape.reduce((product, length) => product * length, 1)
    return normals(size, `half ${k}`).map((value) => Math.round(Math.max(-4, Math.min(4, value)) * 64) / 64)
  })
}

/** Against the twin in f32, which the rounding of what is stored as f16 sets apart. */
async function expectNearTwin(
  shapes: readonly (readonly number[])[],
  run: (...inputs: Tensor[]) => Tensor,
): Promise<void> {
  const kernel = {
    shapes,
    inputs: exact(shapes),
    run: (...inputs: Tensor[]) => tf.tidy(() => run(...inputs)),
  }
  expect(await expectFusedMatchesTwin(kernel, { rtol: 2 ** -9, atol: 1e-5 })).toBe(true)
}

const widths = [8, 7]
/** One of each kind: they take long to compile on rasterisers. */
const kernels: MatmulKernelName[] = ['registers-4x8', 'lanes8-8x4', 'shared-32x32', 'shared-32x32-4parts']

describe.skipIf(!hasHalf)(
  `storage as f16${hasHalf ? '' : ': skipped, there is no adapter with shader-f16'}`,
  { timeout: 120_000 },
  () => {
    let backend: LabBackend
    beforeAll(async () => {
      const device = await createDevice({ backend: 'webgpu', gpu })
      const current = tf.backend()
      if (!(current instanceof LabBackend)) throw new Error('no LabBackend')
      backend = current
      return () => device.dispose()
    })

    it('rounds a product once, in every kind of kernel and layout, at even and odd sizes', async () => {
      for (const [rows, inner, columns] of [
        [12, 8, 16],
        [9, 7, 5],
      ] as const) {
        const [aValues, bValues] = exact([
          [rows, inner],
          [inner, columns],
        ]) as [Float32Array, Float32Array]
        const expected = Float64Array.from({ length: rows * columns }, (_, at) => {
          const [row, column] = [Math.floor(at / columns), at % columns]
          let sum = 0
          for (let k = 0; k < inner; k++) sum += aValues[row * inner + k]! * bValues[k * columns + column]!
          return sum
        })
        const a = tf.tensor2d(aValues, [rows, inner])
        const b = tf.tensor2d(bValues, [inner, columns])
        for (const kernel of possibleKernels(backend, true).filter((name) => kernels.includes(name))) {
          for (const [isATransposed, isBTransposed] of [
            [false, false],
            [true, false],
            [false, true],
          ] as const) {
            const y = tf.tidy(() =>
              matmul(backend, {
                a: half(isATransposed ? tf.transpose(a) : a) as Tensor2D,
                b: half(isBTransposed ? tf.transpose(b) : b) as Tensor2D,
                isATransposed,
                isBTransposed,
                stored: 'f16',
                kernel,
              }),
            )
            expect(backend.storedAs(y)).toBe('f16')
            // Half a unit of the last of 11 bits, of the number itself.
            expectClose(await y.data(), expected, { rtol: 2 ** -11, atol: 0 }, kernel)
            y.dispose()
          }
        }
        tf.dispose([a, b])
      }
    })

    it.each(widths)('norms store their rows so, of f32 ones: width %i', async (width) => {
      const shapes = [[5, width], [width], [width]]
      await expectNearTwin(shapes, (x, gain, bias) =>
        full(layerNorm(x as Tensor2D, gain as Tensor1D, bias as Tensor1D, 1e-5, 'f16')),
      )
      await expectNearTwin(shapes.slice(0, 2), (x, gain) =>
        full(rmsNorm(x as Tensor2D, gain as Tensor1D, 1e-5, 'f16')),
      )
      await expectNearTwin(shapes.slice(0, 1), (x) => {
        const [same, y] = normFork(x as Tensor2D, null, null, {
          kind: 'layer-norm',
          epsilon: 1e-5,
          stored: 'f16',
        })
        expect(backend.storedAs(same)).toBe('f32')
        return tf.add(same, full(y))
      })
      expect(() => rmsNorm(half(tf.zeros([2, 3])), null, 1e-5)).toThrow(/the input of a norm.*stored as f16/)
    })

    it.each(widths)('linear layers store as x, or as the residual: width %i', async (width) => {
      const shapes = [[5, width], [width, 9], [9]]
      await expectNearTwin(shapes, (x, weight, bias) =>
        full(linear(half(x) as Tensor2D, weight as Tensor2D, bias as Tensor1D, { activation: 'gelu-exact' })),
      )
      await expectNearTwin([...shapes, [5, 9]], (x, weight, bias, residual) =>
        linear(half(x) as Tensor2D, weight as Tensor2D, bias as Tensor1D, { residual: residual as Tensor2D }),
      )
      await expectNearTwin(
        [
          [5, width],
          [9, width],
        ],
        (x, table) => rowScores(half(x) as Tensor2D, table as Tensor2D),
      )
    })

    it.each(widths)('feed-forward layers store hidden values as x: width %i', async (width) => {
      const shapes = [
        [5, width],
        [width, 6],
        [6, width],
        [width, 6],
        [5, width],
      ]
      const bare = (weight: Tensor) => ({ weight: weight as Tensor2D, bias: null })
      for (const isGated of [false, true]) {
        await expectNearTwin(shapes, (x, up, down, gate, residual) => {
          const weights = { up: bare(up!), down: bare(down!), gate: isGated ? bare(gate!) : null }
          const y = feedForward(half(x) as Tensor2D, weights, {
            activation: isGated ? 'silu' : 'gelu-tanh',
            residual: residual as Tensor2D,
            dropout: null,
          })
          // Twins want every input used.
          return isGated ? y : tf.add(y, tf.mul(tf.sum(gate!), 0))
        })
      }
    })

    it.each([8, 5])('attention stores what it gives as what it is given: head size %i', async (headDim) => {
      const rotary = {
        base: 100,
        style: 'half-split',
        rotaryDim: headDim - (headDim % 2),
        firstPosition: 0,
      } as const
      for (const options of [{ isCausal: true }, { rotary }]) {
        await expectNearTwin([[2 * 9, 3 * 2 * headDim]], (qkv) => {
          const sizes = { batchSize: 2, numHeads: 2, numKeyHeads: 2 }
          return full(attention({ qkv: half(qkv) as Tensor2D }, { ...plainAttention, ...sizes, ...options }))
        })
      }
    })
  },
)
