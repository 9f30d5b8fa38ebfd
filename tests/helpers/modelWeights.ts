import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { float32Tensor, type NamedTensors } from '../../src/core/hostTensor.ts'
import { Generator } from '../../src/core/rng.ts'
import { formatIssue, parse, type ConfigValue } from '../../src/core/schema.ts'
import { toFloat32 } from '../../src/core/toFloat32.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import type { ModelSpec } from '../../src/engine/models/defineModel.ts'
import type { ParameterSpec } from '../../src/engine/nn/parameter.ts'
import type { ConfigRecord } from '../../src/engine/ops/typedConfig.ts'
import { createWeights } from '../../src/engine/training/trainSessionState.ts'
import { readSafetensors } from '../../src/core/safetensors/read.ts'
import { values, type GoldenTensor } from './goldens.ts'

export type Variables = ReadonlyMap<string, tf.Variable>

const modelFolder = new URL('../fixtures/models/', import.meta.url)

/** A model's settings with their defaults, as they come out of a run's configuration. */
export function modelConfig(
  { id, fields }: ModelSpec,
  settings: { readonly [name: string]: ConfigValue },
): ConfigRecord {
  const parsed = parse({ type: 'group', label: id, help: id, fields }, settings)
  if (parsed.isValid) return parsed.value
  throw new Error(parsed.issues.map(formatIssue).join('; '))
}

/** A file of `tests/fixtures/models`. The type is the caller's claim. */
export function readModelGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, modelFolder), 'utf8')) as T
}

export function readModelTensors(name: string): NamedTensors {
  return readSafetensors(readFileSync(new URL(name, modelFolder))).tensors
}

/** The tensors that `specs` list, as variables. */
export function variablesOf(
  specs: readonly ParameterSpec[],
  tensors: NamedTensors,
): Map<string, tf.Variable> {
  return new Map(
    specs.map(({ name, shape }) => {
      const tensor = tensors.get(name)
      expect(tensor?.shape, name).toEqual(shape)
      return [name, tf.variable(tf.tensor(toFloat32(tensor!), [...shape]))]
    }),
  )
}

/** Larger first values than those of training, so that every gradient stands out from float32's noise. */
export function strongWeights(
  specs: readonly ParameterSpec[],
  seed: number,
): ReturnType<typeof createWeights> {
  const init = { kind: 'normal', standardDeviation: 0.4 } as const
  return createWeights(
    specs.map((spec) => (spec.kind === 'vector' ? spec : { ...spec, init })),
    seed,
  )
}

/** A loss with its gradients by the names of the weights. */
export async function gradientsOf(
  weights: Variables,
  loss: () => tf.Scalar,
): Promise<{ loss: number; gradients: NamedTensors }> {
  const { value, grads } = tf.variableGrads(loss, [...weights.values()])
  const gradients: NamedTensors = new Map()
  for (const [name, { name: key }] of weights) {
    const gradient = grads[key]!
    gradients.set(name, float32Tensor(gradient.shape, await gradient.data<'float32'>()))
  }
  return { loss: (await value.data())[0]!, gradients }
}

/**
 * Every weight's gradient of a loss at its largest entry, where a wrong formula shows best against the noise, against
 * central differences of the whole network.
 */
export async function expectGradients(weights: Variables, loss: () => tf.Scalar): Promise<void> {
  const { grads } = tf.variableGrads(loss, [...weights.values()])
  const lossWith = async (weight: tf.Variable, at: number, shift: number): Promise<number> => {
    const before = (await weight.data<'float32'>()).slice()
    const shifted = before.slice()
    shifted[at]! += shift
    weight.assign(tf.tensor(shifted, weight.shape))
    const value = (await loss().data())[0]!
    weight.assign(tf.tensor(before, weight.shape))
    return value
  }
  for (const [name, weight] of weights) {
    const gradient = await grads[weight.name]!.data<'float32'>()
    const at = gradient.reduce(
      (best, value, i) => (Math.abs(value) > Math.abs(gradient[best]!) ? i : best),
      0,
    )
    const away = async (shift: number): Promise<number> =>
      (await lossWith(weight, at, shift)) - (await lossWith(weight, at, -shift))
    // Of fourth order: networks bend much within a step that stands out from the noise.
    const slope = (8 * (await away(1e-2)) - (await away(2e-2))) / 12e-2
    expect(Math.abs(slope - gradient[at]!), `${name}[${at}]: ${gradient[at]} against ${slope}`).toBeLessThan(
      2e-3 * Math.abs(slope) + 2e-4,
    )
  }
}

/** Softmax takes no notice of what is added to every key, so these have no gradient but rounding. */
export function hasNoGradient(weight: string): boolean {
  return /(^|\.)k_attn\.bias$/.test(weight)
}

/**
 * The gradient of a loss by all of `variables` against its slope, by central differences: along the gradient, where it is
 * steepest and rounding least, and along chance, where an entry that is wrong shows wherever it is.
 * @param sloped what differences are taken of, where a gradient is stopped on purpose
 */
export async function expectSlopes(
  variables: readonly tf.Variable[],
  loss: () => tf.Scalar,
  sloped = loss,
): Promise<void> {
  const { value, grads } = tf.variableGrads(loss, [...variables])
  const gradients = await Promise.all(variables.map(({ name }) => grads[name]!.data<'float32'>()))
  tf.dispose([value, ...Object.values(grads)])
  const base = await Promise.all(variables.map((variable) => variable.data<'float32'>()))
  const lossAway = async (direction: readonly Float32Array[], step: number): Promise<number> => {
    variables.forEach((variable, v) => {
      const moved = Float32Array.from(base[v]!, (x, k) => x + step * direction[v]![k]!)
      tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)))
    })
    const found = tf.tidy(sloped)
    const number = (await found.data())[0]!
    found.dispose()
    return number
  }
  const length = Math.hypot(...gradients.map((gradient) => Math.hypot(...gradient)))
  const steepest = gradients.map((gradient) => gradient.map((g) => g / length))
  const size = Math.sqrt(base.reduce((sum, { length: count }) => sum + count, 0))
  const chance = new Generator(5, 'tests/contracts/models/direction')
  const drawn = base.map((values, v) => Float32Array.from(chance.normals(values.length, v), (x) => x / size))
  for (const direction of [steepest, drawn]) {
    const expected = gradients.reduce(
      (sum, gradient, v) => sum + gradient.reduce((part, g, k) => part + g * direction[v]![k]!, 0),
      0,
    )
    const away = async (step: number) =>
      (await lossAway(direction, step)) - (await lossAway(direction, -step))
    const slope = (8 * (await away(3e-3)) - (await away(6e-3))) / 0.036
    expect(Math.abs(slope - expected), `${slope} against ${expected}`).toBeLessThan(
      0.02 * Math.abs(expected) + 2e-4,
    )
  }
}

export function int32(golden: GoldenTensor): tf.Tensor {
  return tf.tensor(values(golden), golden.shape, 'int32')
}
