import type { LossSpec } from '../../src/engine/losses/defineLoss.ts'
import type { LossInputs } from '../../src/engine/losses/lossInputs.ts'
import type { ConfigRecord } from '../../src/engine/ops/typedConfig.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { expectMatchesReference, type KernelCase } from './kernels.ts'

interface LossCase {
  readonly loss: LossSpec
  readonly params?: ConfigRecord
  /** Of the tensors that get a gradient. */
  readonly shapes: readonly (readonly number[])[]
  /** First values; normal numbers by default. */
  readonly inputs?: readonly Float32Array[]
  /** The kind of input that the loss accepts, of those tensors. */
  readonly as: (...tensors: tf.Tensor[]) => Partial<LossInputs>
  /** Names of learned numbers, which come last among the tensors. */
  readonly scalars?: readonly string[]
}

/** Value and gradients of a loss against a slow definition in float64 and its finite differences. */
export async function expectLossMatches(
  { loss, params = {}, shapes, inputs, as, scalars = [] }: LossCase,
  reference: (...inputs: Float64Array[]) => number,
  tolerance = { rtol: 2e-5, atol: 2e-6 },
): Promise<void> {
  const all = [...shapes, ...scalars.map(() => [])].map((shape) => [...shape])
  const kernel: KernelCase = {
    shapes: all,
    ...(inputs && { inputs: [...inputs] }),
    run: (...tensors: tf.Tensor[]) =>
      tf.tidy(() => {
        const learned = tensors.slice(shapes.length) as tf.Scalar[]
        const memory = {
          scalars: Object.fromEntries(scalars.map((name, i) => [name, learned[i]!])),
          state: {},
        }
        return loss.compute(params, as(...tensors.slice(0, shapes.length)), memory).loss
      }),
  }
  await expectMatchesReference(kernel, (...values) => [reference(...values)], tolerance)
}

/** Two matrices [rows, width] as pairs, each row an item of its own. */
export function asPairs(a: tf.Tensor, b: tf.Tensor): Partial<LossInputs> {
  return { pairs: { a: a as tf.Tensor2D, b: b as tf.Tensor2D, ids: null } }
}

/** A matrix as rows with these labels. */
export function asLabelled(labels: readonly number[]): (embeddings: tf.Tensor) => Partial<LossInputs> {
  return (embeddings) => ({
    labelled: { embeddings: embeddings as tf.Tensor2D, labels: tf.tensor1d([...labels], 'int32') },
  })
}

/** Cosines of the rows of `a` with those of `b`, in float64. */
export function cosines(a: Float64Array, b: Float64Array, width: number): number[][] {
  const [x, y] = [unitRows(a, width), unitRows(b, width)]
  return x.map((row) => y.map((column) => row.reduce((sum, value, d) => sum + value * column[d]!, 0)))
}

/** The rows of a matrix. */
export function rows(values: Float64Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, i) => [
    ...values.subarray(i * width, (i + 1) * width),
  ])
}

/** The rows of a matrix, each divided by its length. */
export function unitRows(values: Float64Array, width: number): number[][] {
  return rows(values, width).map((row) => {
    const length = Math.hypot(...row)
    return row.map((value) => value / length)
  })
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** log of the sum of e to the values. */
export function logSumExp(values: readonly number[]): number {
  const most = Math.max(...values)
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0))
}
