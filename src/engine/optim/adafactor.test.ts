import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectClose, normals } from '../../../tests/helpers/kernels.ts'
import { stepsOf, type TestWeight } from '../../../tests/helpers/optimizers.ts'
import * as tf from '../backend/tfjs.ts'
import adafactor from './adafactor.ts'

const weight = (name: string, kind: TestWeight['kind'], shape: number[]): TestWeight => {
  const size = shape.reduce((product, length) => product * length, 1)
  const path = [0, 1, 2].map((step) => normals(size, `${name} gradient ${step}`))
  return { kind, shape, start: normals(size, name), path }
}
const matrix = weight('matrix', 'matrix', [7, 4])
const bias = weight('bias', 'vector', [5])
const rate = 0.3

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const rms = (values: number[]): number => Math.sqrt(mean(values.map((value) => value * value)))

interface Settings {
  [name: string]: number | string | boolean
  weightDecay: number
  beta1: number
  isScaled: boolean
  isRelativeStep: boolean
  decayKind: 'step' | 'rate'
}

/** The paper's algorithms 4 and 5 in float64, with momentum and decay as in transformers. */
function reference({ shape, start, path }: TestWeight, settings: Settings): number[] {
  const width = shape.at(-1)!
  let p = Array.from(start)
  let [row, column, v, m] = [[0], [0], [0], p.map(() => 0)]
  path.forEach((given, k) => {
    const g = Array.from(given)
    const step = k + 1
    const fresh = step ** -0.8
    const squares = g.map((value) => value * value + 1e-30)
    const running = (old: number[], next: number[]) =>
      next.map((value, i) => (1 - fresh) * (old[i] ?? 0) + fresh * value)
    let u: number[]
    if (shape.length === 2) {
      const rows = Array.from({ length: shape[0]! }, (_, i) => squares.slice(i * width, (i + 1) * width))
      row = running(row, rows.map(mean))
      column = running(
        column,
        Array.from({ length: width }, (_, j) => mean(rows.map((values) => values[j]!))),
      )
      u = g.map(
        (value, i) => value / Math.sqrt((row[Math.floor(i / width)]! / mean(row)) * column[i % width]!),
      )
    } else {
      v = running(v, squares)
      u = g.map((value, i) => value / Math.sqrt(v[i]!))
    }
    const length = Math.max(1, rms(u))
    const own = settings.isRelativeStep ? Math.min(rate, 1 / Math.sqrt(step)) : rate
    const scaled = own * (settings.isScaled ? Math.max(1e-3, rms(p)) : 1)
    const { beta1 } = settings
    m = u.map((value, i) => beta1 * m[i]! + (1 - beta1) * scaled * (value / length))
    const pull = settings.weightDecay * (settings.decayKind === 'rate' ? rate : scaled)
    p = p.map((value, i) => value * (1 - pull) - m[i]!)
  })
  return p
}

const plain: Settings = {
  weightDecay: 0,
  beta1: 0,
  isScaled: true,
  isRelativeStep: true,
  decayKind: 'step',
}
const variants: [string, Settings][] = [
  ['falling, scaled steps', plain],
  ['fixed steps', { ...plain, isRelativeStep: false, isScaled: false }],
  ['a running mean of steps and decay', { ...plain, beta1: 0.9, weightDecay: 0.2 }],
  ['decay by the learning rate', { ...plain, weightDecay: 0.2, decayKind: 'rate' }],
]

await describeOnDevices('Adafactor', () => {
  it.each(variants)('equals plain loops: %s', async (_name, settings) => {
    const weights = { matrix, bias }
    const found = await stepsOf(adafactor, { ...settings, decayOn: 'everything' }, { weights, rate })
    for (const [name, value] of Object.entries(weights))
      expectClose(found.weights.get(name)!, reference(value, settings), { rtol: 1e-5, atol: 0 }, name)
  })

  it('keeps a row and a column for a matrix, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    const { slots } = await stepsOf(adafactor, {}, { weights: { matrix, bias }, rate })
    expect(tf.memory().numTensors).toBe(before)
    const lengths = [...slots].map(([slot, kept]) => [
      slot,
      Object.fromEntries([...kept].map(([name, { length }]) => [name, length])),
    ])
    expect(Object.fromEntries(lengths)).toEqual({ row: { matrix: 7 }, column: { matrix: 4 }, v: { bias: 5 } })
  })

  it('does not move weights without gradients, and stays finite', async () => {
    const still = { ...matrix, path: [new Float32Array(28), new Float32Array(28)] }
    const { weights } = await stepsOf(adafactor, {}, { weights: { matrix: still }, rate })
    expect([...weights.get('matrix')!]).toEqual([...Float32Array.from(matrix.start)])
  })
})
