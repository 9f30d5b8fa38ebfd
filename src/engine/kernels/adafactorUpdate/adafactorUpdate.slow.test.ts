import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, normals, sameBits } from '../../../../tests/helpers/kernels.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { updateWhole, type WholeCase } from '../wholeCase.ts'
import { adafactorTable, adafactorUpdate } from './adafactorKernel.ts'
import { adafactorTwin, isFactored, type AdafactorSettings } from './adafactorUpdate.ts'

const plain: AdafactorSettings = {
  isScaled: true,
  leastScale: 1e-3,
  clipThreshold: 0.5,
  beta1: 0,
  epsilon: 1e-30,
  epsilonKind: 'added',
  decayKind: 'step',
}
const numbers = { rate: 0.3, remembered: 0.4, forgotten: 0.6, pull: 0.2 }
const variants: [string, AdafactorSettings][] = [
  ['plain', plain],
  ['a running mean of steps, decay by the rate', { ...plain, beta1: 0.9, decayKind: 'rate' }],
  ['unscaled steps that are not bounded', { ...plain, isScaled: false, clipThreshold: 100 }],
]
const shapes = [
  ...[1, 63, 64, 65, 1000].map((size) => [size]),
  ...[
    [1, 1],
    [63, 65],
    [64, 64],
    [65, 130],
    [1000, 3],
    [3, 1000],
  ],
  [2, 3, 5],
  [2, 2, 66, 70],
]

type Values = Record<'parameter' | 'gradient' | 'row' | 'column' | 'v' | 'm', Float32Array>
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)
const shapeOf = (name: string, shape: readonly number[]): readonly number[] =>
  name === 'row' ? shape.slice(0, -1) : name === 'column' ? [...shape.slice(0, -2), shape.at(-1)!] : shape

function valuesOf(shape: readonly number[], scale: number): Values {
  const make = (name: keyof Values): Float32Array =>
    normals(sizeOf(shapeOf(name, shape)), `${name} ${shape.join()}`)
  const positive = (name: keyof Values): Float32Array => make(name).map((value) => value * value + 0.01)
  const gradient = make('gradient').map((value) => scale * value)
  return {
    parameter: make('parameter'),
    gradient,
    row: positive('row'),
    column: positive('column'),
    v: positive('v'),
    m: make('m'),
  }
}

const slotsOf = (
  shape: readonly number[],
  { beta1 }: AdafactorSettings,
): ('row' | 'column' | 'v' | 'm')[] => [
  ...(isFactored(shape) ? (['row', 'column'] as const) : (['v'] as const)),
  ...(beta1 > 0 ? (['m'] as const) : []),
]

/** The paper's algorithms 4 and 5 in float64 with plain loops: parameter, then slots. */
function reference(shape: readonly number[], values: Values, settings: AdafactorSettings): number[][] {
  const [rows, columns] = isFactored(shape) ? [shape.at(-2)!, shape.at(-1)!] : [1, sizeOf(shape)]
  const [row, column, v, m] = [values.row, values.column, values.v, values.m].map((all) => Array.from(all))
  const running = (old: number, value: number): number => numbers.remembered * old + numbers.forgotten * value
  const u = Array.from(values.gradient)
  for (let s = 0; s < u.length / (rows * columns); s++) {
    const at = (r: number, c: number): number => (s * rows + r) * columns + c
    const square = (r: number, c: number): number => values.gradient[at(r, c)]! ** 2 + settings.epsilon
    const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
    const mean = (list: number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length
    if (isFactored(shape)) {
      for (const r of range(rows))
        row![s * rows + r] = running(row![s * rows + r]!, mean(range(columns).map((c) => square(r, c))))
      for (const c of range(columns))
        column![s * columns + c] = running(
          column![s * columns + c]!,
          mean(range(rows).map((r) => square(r, c))),
        )
      const all = mean(row!.slice(s * rows, (s + 1) * rows))
      for (const r of range(rows))
        for (const c of range(columns))
          u[at(r, c)]! /= Math.sqrt((row![s * rows + r]! / all) * column![s * columns + c]!)
    } else
      for (const c of range(columns)) {
        v![c] = running(v![c]!, square(0, c))
        u[c]! /= Math.sqrt(v![c]!)
      }
  }
  const rms = (list: ArrayLike<number>): number => Math.hypot(...Array.from(list)) / Math.sqrt(list.length)
  const divisor = Math.max(1, rms(u) / settings.clipThreshold)
  const scale = numbers.rate * (settings.isScaled ? Math.max(settings.leastScale, rms(values.parameter)) : 1)
  const { beta1 } = settings
  const steps = u.map(
    (value, i) => (beta1 > 0 ? beta1 * m![i]! : 0) + (1 - beta1) * ((value / divisor) * scale),
  )
  const kept = 1 - numbers.pull * (settings.decayKind === 'rate' ? 1 : scale)
  const parameter = Array.from(values.parameter, (value, i) => kept * value - steps[i]!)
  const slots = { row, column, v, m: steps }
  return [parameter, ...slotsOf(shape, settings).map((name) => slots[name]!)]
}

function caseOf(settings: AdafactorSettings, clip: [number, number], scale = 1): WholeCase {
  const weights = shapes.map((shape) => {
    const values = valuesOf(shape, scale)
    const tensorOf = (name: keyof Values): tf.Tensor =>
      tf.tensor(values[name], [...shapeOf(name, shape)], 'float32')
    const slots = Object.fromEntries(slotsOf(shape, settings).map((name) => [name, tensorOf(name)]))
    return { parameter: tensorOf('parameter'), gradient: tensorOf('gradient'), slots }
  })
  return { weights, numbers, clip }
}

/** By the kernel, all at once; by the twin on the CPU. */
function update(settings: AdafactorSettings, { weights, clip }: WholeCase): tf.Tensor[] {
  const backend = tf.backend()
  if (backend instanceof LabBackend)
    return updateWhole(
      backend,
      { weights, numbers, clip },
      {
        table: adafactorTable,
        update: (flat) => adafactorUpdate(backend, settings, flat),
      },
    )
  const { rate, remembered, forgotten, pull } = numbers
  const scalars = {
    rate: tf.scalar(rate),
    remembered: tf.scalar(remembered),
    forgotten: tf.scalar(forgotten),
    pull: tf.scalar(pull),
  }
  return weights.flatMap(({ gradient, ...weight }) => {
    const entry = { ...weight, gradient: tf.mul(gradient, clip[0]), numbers: scalars }
    const next = adafactorTwin(settings, entry)
    return [next.parameter, ...Object.keys(weight.slots).map((name) => next.slots[name]!)]
  })
}

const read = async (tensors: tf.Tensor[]): Promise<Float32Array[]> => {
  const found = await Promise.all(tensors.map(async (each) => Float32Array.from(await each.data())))
  tf.dispose(tensors)
  return found
}

await describeOnDevices('adafactorUpdate', () => {
  it.each(variants)(
    'equals float64 loops for all weights at once, the same bits twice: %s',
    async (_, settings) => {
      const before = tf.memory().numTensors
      const run = (): Promise<Float32Array[]> =>
        read(tf.tidy(() => update(settings, caseOf(settings, [1, 1]))))
      const found = await run()
      const expected = shapes.flatMap((shape) => reference(shape, valuesOf(shape, 1), settings))
      expect(found.length).toBe(expected.length)
      found.forEach((values, k) => expectClose(values, expected[k]!, { rtol: 1e-5, atol: 0 }, `tensor ${k}`))
      const again = await run()
      found.forEach((values, k) => expect(sameBits(values, again[k]!)).toBe(true))
      expect(tf.memory().numTensors).toBe(before)
    },
  )

  it('clips gradients first', async () => {
    const whole = await read(tf.tidy(() => update(plain, caseOf(plain, [1, 1]))))
    const clipped = await read(tf.tidy(() => update(plain, caseOf(plain, [0.125, 8], 8))))
    whole.forEach((values, k) => expect(sameBits(values, clipped[k]!)).toBe(true))
  })

  it('changes nothing where the norm is not finite', async () => {
    if (!(tf.backend() instanceof LabBackend)) return
    const settings = variants[1]![1]
    for (const norm of [NaN, Infinity]) {
      const found = await read(tf.tidy(() => update(settings, caseOf(settings, [norm, norm]))))
      const expected = shapes.flatMap((shape) => {
        const values = valuesOf(shape, 1)
        return [values.parameter, ...slotsOf(shape, settings).map((name) => values[name])]
      })
      found.forEach((values, k) => expect(sameBits(values, expected[k]!)).toBe(true))
    }
  })
})
