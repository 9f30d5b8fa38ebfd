import { BunsenError } from '../../src/core/errors.ts'
import { defaultsOf } from '../../src/core/schema.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import type { LossMemory, LossResult, LossSpec } from '../../src/engine/losses/defineLoss.ts'
import type { ConfigRecord } from '../../src/engine/ops/typedConfig.ts'
import { lossBatch, lossWidth, type BatchOptions, type Leaf, type LossBatch } from './lossInputs.ts'

/** A loss with settings of its own, as every suite of losses takes it. */
export interface LossVariant {
  readonly title: string
  readonly loss: LossSpec
  readonly params: ConfigRecord
}

/** Each loss as it is by default, and once for each other choice and switch that it has. */
export function variantsOf(loss: LossSpec): LossVariant[] {
  const defaults = defaultsOf(loss.fields)
  const others = Object.entries(loss.fields).flatMap(([name, field]): [string, ConfigRecord[string]][] => {
    if (field.type === 'bool') return [[name, !defaults[name]]]
    // Small enough to be gone through within a few steps.
    if (name === 'queueSize') return [[name, 14]]
    if (field.type !== 'choice') return []
    return field.options
      .filter(({ value }) => value !== defaults[name])
      .map(({ value }): [string, string] => [name, value])
  })
  return [
    { title: loss.id, loss, params: defaults },
    ...others.map(([name, value]) => ({
      title: `${loss.id} with ${name} ${String(value)}`,
      loss,
      params: { ...defaults, [name]: value },
    })),
  ]
}

/** Arrays that a loss keeps, as they are at first: as `LossStates` gives them but for rows of length 1, all the same here. */
export function firstState({ loss, params }: LossVariant, batchSize: number): Record<string, Leaf> {
  const specs = Object.entries(loss.state(params, { width: lossWidth, batchSize }))
  return Object.fromEntries(
    specs.map(([name, { shape, dtype, init }]) => {
      const value = { zeros: 0, ones: 1, 'unit-rows': shape.at(-1)! ** -0.5 }[init]
      const length = shape.reduce((product, size) => product * size, 1)
      const values = dtype === 'int32' ? new Int32Array(length) : new Float32Array(length)
      return [name, { dtype, shape, values: values.fill(value) }]
    }),
  )
}

export const tensorOf = ({
  shape,
  values,
  dtype = 'float32',
}: Partial<Leaf> & Pick<Leaf, 'shape' | 'values'>) => tf.tensor(values, [...shape], dtype)

/** What is differentiated: what of the inputs is learned, then the loss's own numbers. */
export function pointsOf({ loss, params }: LossVariant, batch: LossBatch): Leaf[] {
  const scalars = Object.values(loss.scalars(params)).map((value): Leaf => ({
    dtype: 'float32',
    shape: [1],
    values: Float32Array.of(value),
  }))
  return [...batch.learned.map((leaf): Leaf => ({ dtype: 'float32', ...leaf })), ...scalars]
}

/** Within `tidy`. @param points tensors in the order of `pointsOf` */
export function resultOf(
  { loss, params }: LossVariant,
  batch: LossBatch,
  points: readonly tf.Tensor[],
  { state, given }: { state: LossMemory['state']; given?: readonly tf.Tensor[] },
): LossResult {
  const count = batch.learned.length
  const scalars = Object.keys(loss.scalars(params)).map(
    (name, i) => [name, tf.reshape(points[count + i]!, []) as tf.Scalar] as const,
  )
  const inputs = batch.inputs(points.slice(0, count), given)
  return loss.compute(params, inputs, { scalars: Object.fromEntries(scalars), state })
}

/** The loss at its first state, of points that are given as tensors. Within `tidy`. */
export function firstResult(
  variant: LossVariant,
  batch: LossBatch,
  points: readonly tf.Tensor[],
): LossResult {
  const leaves = Object.entries(firstState(variant, batch.learned[0]!.shape[0]!))
  const state = Object.fromEntries(leaves.map(([name, leaf]) => [name, tensorOf(leaf)]))
  return resultOf(variant, batch, points, { state })
}

export interface Evaluated {
  readonly value: number
  readonly gradients: readonly Float32Array[]
  readonly parts: Readonly<Record<string, number>>
}

/** Value, gradients and parts as numbers; a refusal as the error, which must name the loss. */
export async function evaluate(
  variant: LossVariant,
  options: BatchOptions,
): Promise<Evaluated | BunsenError> {
  const batch = lossBatch(variant.loss.accepts, options)
  const tensors = pointsOf(variant, batch).map(tensorOf)
  try {
    const { value, grads } = tf.tidy(() =>
      tf.valueAndGrads((...x: tf.Tensor[]) => firstResult(variant, batch, x).loss)(tensors),
    )
    const parts = tf.tidy(() => {
      const result = firstResult(variant, batch, tensors)
      return Object.fromEntries(
        Object.entries(result.parts).map(([name, part]) => [name, part.dataSync<'float32'>()[0]!]),
      )
    })
    const found = {
      value: (await value.data<'float32'>())[0]!,
      gradients: await Promise.all(grads.map((grad) => grad.data<'float32'>())),
      parts,
    }
    tf.dispose([value, ...grads])
    return found
  } catch (error) {
    if (error instanceof BunsenError && error.message.includes(variant.loss.id)) return error
    throw error
  } finally {
    tf.dispose(tensors)
  }
}
