import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, normals, sameBits } from '../../../../tests/helpers/kernels.ts'
import { newtonSchulzReference } from '../../../../tests/helpers/newtonSchulzReference.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { usualPolynomial } from '../newtonSchulz/newtonSchulz.ts'
import { updateWhole, type WholeCase } from '../wholeCase.ts'
import { muonTable, muonUpdate } from './muonKernel.ts'
import { muonTwin, type MuonSettings } from './muonUpdate.ts'

const numbers = { forward: -0.2, kept: 0.9 }
const momentum = 0.95
const newtonSchulzSteps = 3
// Tall and wide ones of one stack lie apart.
const shapes: [number, number][] = [
  [1, 1],
  [63, 2],
  [8, 64],
  [2, 63],
  [65, 8],
  [64, 8],
  [8, 9],
  [63, 2],
]

const valuesOf = (name: string, k: number): Float32Array =>
  normals(shapes[k]![0] * shapes[k]![1], `${name} ${k}`)

/** In float64 with plain loops: parameter, then m. */
function reference(k: number, isNesterov: boolean): number[][] {
  const [parameter, gradient, old] = ['parameter', 'gradient', 'm'].map((name) => valuesOf(name, k))
  const mean = (from: ArrayLike<number>): number[] =>
    Array.from(from, (value, i) => momentum * value + (1 - momentum) * gradient![i]!)
  const m = mean(old!)
  const direction = newtonSchulzReference(isNesterov ? mean(m) : m, shapes[k]!, newtonSchulzSteps)
  return [Array.from(parameter!, (value, i) => numbers.kept * value + numbers.forward * direction[i]!), m]
}

/** By the kernel, all at once; by the twin on the CPU. */
async function update(settings: MuonSettings, clip: [number, number]): Promise<Float32Array[]> {
  const tensors = tf.tidy(() => {
    const weights = shapes.map((shape, k) => {
      const [parameter, gradient, m] = ['parameter', 'gradient', 'm'].map((name) =>
        tf.tensor(valuesOf(name, k), shape),
      )
      return { parameter: parameter!, gradient: tf.div(gradient!, clip[0]), slots: { m: m! } }
    })
    const given: WholeCase = { weights, numbers, clip }
    const backend = tf.backend()
    if (backend instanceof LabBackend)
      return updateWhole(backend, given, {
        table: muonTable,
        update: (flat) => muonUpdate(backend, settings, flat),
      })
    const scalars = { forward: tf.scalar(numbers.forward), kept: tf.scalar(numbers.kept) }
    return weights.flatMap(({ parameter, gradient, slots: { m } }) => {
      const entry = { parameter, gradient: tf.mul(gradient, clip[0]), m, numbers: scalars }
      const next = muonTwin(settings, entry)
      return [next.parameter, next.m]
    })
  })
  const found = await Promise.all(tensors.map(async (each) => Float32Array.from(await each.data())))
  tf.dispose(tensors)
  return found
}

await describeOnDevices('muonUpdate', () => {
  it.each([true, false])(
    'equals float64 loops for all matrices at once, clipped, the same bits twice: Nesterov %s',
    async (isNesterov) => {
      const settings = { momentum, isNesterov, newtonSchulzSteps, polynomial: usualPolynomial }
      const before = tf.memory().numTensors
      const found = await update(settings, [0.25, 4])
      const expected = shapes.flatMap((_, k) => reference(k, isNesterov))
      found.forEach((values, k) => expectClose(values, expected[k]!, { rtol: 1e-4, atol: 0 }, `tensor ${k}`))
      const again = await update(settings, [0.25, 4])
      found.forEach((values, k) => expect(sameBits(values, again[k]!)).toBe(true))
      expect(tf.memory().numTensors).toBe(before)
    },
  )

  it('changes nothing where the norm is not finite', async () => {
    if (!(tf.backend() instanceof LabBackend)) return
    const found = await update(
      { momentum, isNesterov: true, newtonSchulzSteps, polynomial: usualPolynomial },
      [NaN, NaN],
    )
    const expected = shapes.flatMap((_, k) => [valuesOf('parameter', k), valuesOf('m', k)])
    found.forEach((values, k) => expect(sameBits(values, expected[k]!)).toBe(true))
  })
})
