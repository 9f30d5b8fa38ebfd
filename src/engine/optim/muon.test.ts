import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectClose, normals } from '../../../tests/helpers/kernels.ts'
import { newtonSchulzReference } from '../../../tests/helpers/newtonSchulzReference.ts'
import { stepsOf, type TestWeight } from '../../../tests/helpers/optimizers.ts'
import * as tf from '../backend/tfjs.ts'
import adamW from './adamW.ts'
import muon from './muon.ts'

const weight = (name: string, kind: TestWeight['kind'], shape: number[]): TestWeight => {
  const size = shape.reduce((product, length) => product * length, 1)
  const path = [0, 1, 2].map((step) => normals(size, `${name} gradient ${step}`))
  return { kind, shape, start: normals(size, name), path }
}
const wide = weight('wide', 'matrix', [3, 5])
const tall = { ...weight('tall', 'matrix', [70, 2]), learningRateMultiplier: 0.5 }
// Between matrices: what is updated number by number comes first in the flat buffers, whatever the order.
const others = {
  table: weight('table', 'embedding', [9, 20]),
  bias: weight('bias', 'vector', [5]),
  head: weight('head', 'head', [4, 3]),
}
const all = { wide, table: others.table, tall, bias: others.bias, head: others.head }
const rate = 0.05

/** torch.optim.Muon's formula in float64, for a matrix [in, out]. */
function reference(
  { shape, start, path, learningRateMultiplier = 1 }: TestWeight,
  isNesterov: boolean,
): number[] {
  const [from, to] = shape as [number, number]
  const step = rate * learningRateMultiplier
  let p = Array.from(start)
  let m = p.map(() => 0)
  for (const gradient of path) {
    const toward = (old: number[]) => old.map((value, i) => 0.95 * value + 0.05 * gradient[i]!)
    m = toward(m)
    const direction = newtonSchulzReference(isNesterov ? toward(m) : m, [from, to], 5)
    p = p.map(
      (value, i) => value * (1 - step * 0.1) - step * Math.sqrt(Math.max(1, to / from)) * direction[i]!,
    )
  }
  return p
}

await describeOnDevices('Muon', () => {
  it('equals plain loops for matrices, and AdamW for all else', async () => {
    for (const isNesterov of [true, false]) {
      const found = await stepsOf(
        muon,
        { isNesterov, weightDecay: 0.1, restMultiplier: 0.2 },
        { weights: all, rate },
      )
      for (const [name, matrix] of Object.entries({ wide, tall }))
        expectClose(found.weights.get(name)!, reference(matrix, isNesterov), { rtol: 1e-4, atol: 0 }, name)
      const asAdamW = await stepsOf(adamW, { weightDecay: 0.1 }, { weights: others, rate: 0.2 * rate })
      for (const name of Object.keys(others))
        expectClose(found.weights.get(name)!, asAdamW.weights.get(name)!, { rtol: 1e-6, atol: 0 }, name)
    }
  })

  it('moves matrices by the same step however long their gradients are', async () => {
    const longer = {
      ...wide,
      path: wide.path.map((gradient) => Array.from(gradient, (value) => 1e4 * value)),
    }
    const after = async (weight: TestWeight): Promise<Float32Array> =>
      (await stepsOf(muon, {}, { weights: { wide: weight }, rate })).weights.get('wide')!
    const [a, b] = [await after(wide), await after(longer)]
    expectClose(a, b, { rtol: 1e-4, atol: 0 })
  })

  it('keeps one tensor for a matrix and two for all else, and leaves none behind', async () => {
    const before = tf.memory().numTensors
    const { slots } = await stepsOf(muon, {}, { weights: all, rate })
    expect(tf.memory().numTensors).toBe(before)
    expect([...slots.get('m')!.keys()].sort()).toEqual(Object.keys(all).sort())
    expect([...slots.get('v')!.keys()].sort()).toEqual(Object.keys(others).sort())
  })

  it('leaves all weights and what it keeps alone where one gradient is not finite', async () => {
    for (const broken of Object.keys(all)) {
      const path = (name: string, { path: [first] }: TestWeight) => {
        const values = Array.from(first!)
        if (name === broken) values[1] = NaN
        return [values]
      }
      const weights = Object.fromEntries(
        Object.entries(all).map(([name, value]) => [name, { ...value, path: path(name, value) }]),
      )
      const found = await stepsOf(muon, {}, { weights, rate })
      for (const [name, { start }] of Object.entries(all))
        expect([...found.weights.get(name)!]).toEqual([...Float32Array.from(start)])
      for (const value of found.slots.get('m')!.values()) expect(value.every((x) => x === 0)).toBe(true)
    }
  })
})
