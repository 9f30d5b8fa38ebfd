import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import * as tf from '../../backend/tfjs.ts'
import { balance } from '../balance.ts'
import { sharedGradientNorms } from './sharedGradients.ts'

const start = [0.5, -1, 2]
const head = [3, 0.2, -0.7]
const norm = (x: readonly number[]): number => Math.hypot(...x)

/** Runs within a backward pass, as in a step; what it returns leaves it. */
async function within(run: (w: tf.Tensor, v: tf.Tensor) => { loss: tf.Scalar; seen: tf.Tensor }) {
  const [w, v] = [tf.variable(tf.tensor1d(start)), tf.variable(tf.tensor1d(head))]
  const aside: tf.Tensor[] = []
  const { value, grads } = tf.variableGrads(() => {
    const { loss, seen } = run(w, v)
    aside.push(tf.keep(seen))
    return loss
  }, [w, v])
  const numbers = [...(await aside[0]!.data())]
  const slopes = await Promise.all([w, v].map(async ({ name }) => [...(await grads[name]!.data())]))
  tf.dispose([w, v, value, grads, aside])
  return { numbers, slopes: slopes as [number[], number[]] }
}

await describeOnDevices('the gradients that losses have in common', () => {
  it('are taken at the last tensor that all are computed from, and leave the others as they are', async () => {
    const { numbers, slopes } = await within((w, v) => {
      const z = tf.mul(tf.tanh(w), 2) // shared
      const losses = [
        tf.sum(tf.square(z)),
        tf.sum(tf.mul(z, v)),
        tf.sum(tf.mul(tf.square(tf.square(z)), 0.1)),
      ]
      return { loss: tf.addN(losses) as tf.Scalar, seen: sharedGradientNorms(losses as tf.Scalar[]) }
    })
    const z = start.map((x) => 2 * Math.tanh(x))
    const atZ = [z.map((x) => 2 * x), head, z.map((x) => 0.4 * x ** 3)]
    atZ.forEach((slope, i) => expect(numbers[i]).toBeCloseTo(norm(slope), 4))
    z.forEach((x, d) => {
      const whole = atZ.reduce((sum, slope) => sum + slope[d]!, 0)
      expect(slopes[0][d]).toBeCloseTo(whole * 2 * (1 - Math.tanh(start[d]!) ** 2), 4)
      expect(slopes[1][d]).toBeCloseTo(x, 5)
    })
  })

  it('of several tensors are taken together, and are 0 for losses that have only given numbers in common', async () => {
    const both = await within((w, v) => {
      const [x, y] = [tf.exp(w), tf.exp(v)]
      const losses = [tf.sum(tf.mul(x, y)), tf.sum(tf.add(x, tf.mul(y, 2)))] as tf.Scalar[]
      return { loss: tf.addN(losses) as tf.Scalar, seen: sharedGradientNorms(losses) }
    })
    const [x, y] = [start.map(Math.exp), head.map(Math.exp)]
    expect(both.numbers[0]).toBeCloseTo(norm([...x, ...y]), 3)
    expect(both.numbers[1]).toBeCloseTo(Math.sqrt(3 + 12), 4)
    const apart = await within((w, v) => {
      const given = tf.tensor1d([1, 2, 3])
      const losses = [tf.sum(tf.mul(tf.exp(w), given)), tf.sum(tf.mul(tf.exp(v), given))] as tf.Scalar[]
      return { loss: tf.addN(losses) as tf.Scalar, seen: sharedGradientNorms(losses) }
    })
    expect(apart.numbers).toEqual([0, 0])
  })

  it('set how much each counts, as GradNorm says', async () => {
    const [alpha, learningRate] = [0.7, 0.1]
    const settings = {
      losses: [1, 2].map((weight) => ({ name: 'any', params: {}, weight })),
      lossBalance: { kind: 'gradient-norms', alpha, learningRate },
    } as unknown as Parameters<typeof balance>[0]
    let state: Record<string, number[]> = { factors: [1, 1], first: [0, 0], isBegun: [0] }
    let expected = { factors: [1, 1], first: null as number[] | null }
    for (let step = 0; step < 6; step++) {
      const scales = [2 ** -step, 1.5 ** -step]
      const { numbers } = await within((w, v) => {
        const z = tf.mul(w, 2)
        const values = [
          tf.mul(tf.sum(tf.square(z)), scales[0]!),
          tf.add(tf.mul(tf.sum(tf.mul(z, v)), scales[1]!), 20),
        ] as tf.Scalar[]
        const kept = Object.entries(state).map(
          ([name, numbers_]) => [`loss.balance.${name}`, tf.tensor1d(numbers_)] as const,
        )
        const found = balance(settings, values, {
          weights: null,
          kept: { weights: new Map(), state: new Map(kept) as never },
        })
        const next = kept.map(([name]) => found.state.get(name)!)
        return {
          loss: found.total,
          seen: tf.concat([tf.reshape(found.total, [1]), ...next] as tf.Tensor1D[]),
        }
      })
      const z = start.map((x) => 2 * x)
      const values = [
        scales[0]! * z.reduce((sum, x) => sum + x * x, 0),
        20 + scales[1]! * z.reduce((sum, x, d) => sum + x * head[d]!, 0),
      ]
      const { factors } = expected
      expect(numbers[0]).toBeCloseTo(factors[0]! * values[0]! + 2 * factors[1]! * values[1]!, 3)
      const first = expected.first ?? values
      const norms = [scales[0]! * norm(z.map((x) => 2 * x)), scales[1]! * norm(head)]
      const size = (norms[0]! + norms[1]!) / 2
      const shares = values.map((value, i) => value / first[i]!)
      const mean = (shares[0]! + shares[1]!) / 2
      const pulls = factors.map((factor, i) => (factor * norms[i]!) / size)
      const middle = (pulls[0]! + pulls[1]!) / 2
      const moved = factors.map((factor, i) => {
        const goal = middle * (shares[i]! / mean) ** alpha
        return factor - learningRate * Math.sign(pulls[i]! - goal) * (norms[i]! / size)
      })
      const total = moved[0]! + moved[1]!
      expected = { factors: moved.map((factor) => (2 * factor) / total), first }
      const [, a, b, ...others] = numbers
      expect(a).toBeCloseTo(expected.factors[0]!, 4)
      expect(b).toBeCloseTo(expected.factors[1]!, 4)
      state = { factors: [a!, b!], first: others.slice(0, 2), isBegun: others.slice(2) }
      first.forEach((value, i) => expect(others[i]).toBeCloseTo(value, 3))
      expect(others[2]).toBe(1)
    }
    expect(Math.abs(expected.factors[0]! - 1)).toBeGreaterThan(0.1)
  })
})
