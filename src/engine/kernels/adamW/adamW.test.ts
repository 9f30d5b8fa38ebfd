import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, normals } from '../../../../tests/helpers/kernels.ts'
import * as tf from '../../backend/tfjs.ts'
import { type AdamWHyper, adamWUpdate } from './adamW.ts'

const hyper: Omit<AdamWHyper, 'step'> = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
}
const clip = 0.5

interface State {
  parameter: Float32Array
  m: Float32Array
  v: Float32Array
}

const gradientOf = (size: number, step: number): Float32Array => normals(size, `gradient ${step}`, 2)

/** The published formula in float64. */
function reference(size: number, steps: number): Record<keyof State, number[]> {
  const parameter = Array.from(normals(size, 'parameter'))
  const m = new Array<number>(size).fill(0)
  const v = new Array<number>(size).fill(0)
  const { learningRate, beta1, beta2, epsilon, weightDecay } = hyper
  for (let step = 1; step <= steps; step++) {
    gradientOf(size, step).forEach((raw, i) => {
      const gradient = raw * clip
      m[i] = beta1 * m[i]! + (1 - beta1) * gradient
      v[i] = beta2 * v[i]! + (1 - beta2) * gradient ** 2
      const direction = m[i]! / (1 - beta1 ** step) / (Math.sqrt(v[i]! / (1 - beta2 ** step)) + epsilon)
      parameter[i]! -= learningRate * (direction + weightDecay * parameter[i]!)
    })
  }
  return { parameter, m, v }
}

async function train(size: number, steps: number): Promise<State> {
  const before = tf.memory().numTensors
  const variables = tf.tidy(() => ({
    parameter: tf.variable(tf.tensor1d(normals(size, 'parameter'))),
    m: tf.variable(tf.zeros([size])),
    v: tf.variable(tf.zeros([size])),
  }))
  const factor = tf.scalar(clip)
  for (let step = 1; step <= steps; step++) {
    const gradient = tf.tensor1d(gradientOf(size, step))
    adamWUpdate({ ...variables, gradient }, { ...hyper, step }, factor)
    gradient.dispose()
  }
  factor.dispose()
  const read = async (variable: tf.Variable): Promise<Float32Array> =>
    Float32Array.from(await variable.data())
  const { parameter, m, v } = variables
  const state = { parameter: await read(parameter), m: await read(m), v: await read(v) }
  tf.dispose(Object.values(variables))
  expect(tf.memory().numTensors, 'tensors leaked').toBe(before)
  return state
}

await describeOnDevices('adamWUpdate', () => {
  it('equals the formula in float64 over five steps, the same bits every time', async () => {
    for (const size of [1, 63, 64, 65, 1000]) {
      const expected = reference(size, 5)
      const actual = await train(size, 5)
      const again = await train(size, 5)
      for (const name of ['parameter', 'm', 'v'] as const) {
        expectClose(actual[name], expected[name], { rtol: 1e-6, atol: 1e-6 }, name)
        expect(again[name]).toEqual(actual[name])
      }
    }
  })

  it('leaves clones of the parameter as they were, and m and v apart that began as one tensor', async () => {
    const zeros = tf.zeros([65])
    const parameter = tf.variable(tf.ones([65]))
    const m = tf.variable(zeros)
    const v = tf.variable(zeros)
    const clone = parameter.clone()
    const entry = { parameter, gradient: tf.ones([65]), m, v }
    adamWUpdate(entry, { ...hyper, step: 1 }, tf.scalar(1))
    expect((await clone.data())[64]).toBe(1)
    expect((await zeros.data())[64]).toBe(0)
    expect((await m.data())[64]).toBeCloseTo(0.1, 6)
    expect((await v.data())[64]).toBeCloseTo(0.05, 6)
    expect((await parameter.data())[64]).toBeCloseTo(1 - 0.01 * 1.1, 6)
  })

  it('shows the update although the parameter was read before', async () => {
    const variables = {
      parameter: tf.variable(tf.ones([4])),
      m: tf.variable(tf.zeros([4])),
      v: tf.variable(tf.zeros([4])),
    }
    adamWUpdate({ ...variables, gradient: tf.ones([4]) }, { ...hyper, step: 1 }, tf.scalar(1))
    const first = (await variables.parameter.data())[0]!
    adamWUpdate({ ...variables, gradient: tf.ones([4]) }, { ...hyper, step: 2 }, tf.scalar(1))
    expect((await variables.parameter.data())[0]).toBeLessThan(first - 0.005)
  })

  it('refuses a gradient of another shape', () => {
    const variables = {
      parameter: tf.variable(tf.ones([4])),
      m: tf.variable(tf.zeros([4])),
      v: tf.variable(tf.zeros([4])),
    }
    const update = (): void =>
      adamWUpdate({ ...variables, gradient: tf.ones([5]) }, { ...hyper, step: 1 }, tf.scalar(1))
    expect(update).toThrow(/gradient: must be float32 \[4\], got float32 \[5\]/)
  })
})
