import { expect } from 'vitest'
import { elementCount } from '../../src/core/hostTensor.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { dropoutSites, type DrawAt } from '../../src/engine/nn/dropoutSites.ts'
import type { ParameterSpec, Weights } from '../../src/engine/nn/parameter.ts'
import { normals } from './kernels.ts'

/** What a layer is given of every sample. */
export interface LayerInput {
  /** Of one sample: those of several lie one behind another along the first axis. */
  readonly shape: readonly number[]
  /** Ids or a mask, which have no gradient, by sample and place; else floats. */
  readonly whole?: (sample: number, place: number) => number
}

export interface LayerPass {
  readonly batchSize: number
  readonly weights: Weights
  readonly drawAt: DrawAt
  input(name: string): tf.Tensor
  /** The same where it is a matrix. */
  rows(name: string): tf.Tensor2D
}

/** A layer with its options at a tiny size. */
export interface LayerCase {
  /** Its file in `src/engine/nn`, without `.ts`. */
  readonly layer: string
  /** What sets it apart from the layer's other cases. */
  readonly options: string
  readonly inputs: Readonly<Record<string, LayerInput>>
  readonly weights: readonly Pick<ParameterSpec, 'name' | 'shape'>[]
  /** Gives [B * something, ...]. */
  readonly run: (pass: LayerPass) => tf.Tensor
  /** What finite differences are taken of, where a gradient is stopped on purpose; `run` by default. */
  readonly sloped?: (pass: LayerPass) => tf.Tensor
  /** Whether units or parts are dropped by chance. */
  readonly isDrawn?: boolean
  /** Whether WebGPU, recorded too, is held against the CPU: kernels have tests of their own, so of few. */
  readonly isOnGpu?: boolean
}

export interface LayerNumbers {
  /** Which samples the batch holds: the numbers of each are its own. */
  readonly samples: readonly number[]
  /** Factor of all inputs; 1 by default. */
  readonly scale?: number
  /** Of what is dropped; 1 by default. */
  readonly seed?: number
}

/** Inputs and weights on the current backend: standard normals, weights smaller, gains about 1. */
export function layerTensors(
  { inputs, weights }: LayerCase,
  { samples, scale = 1 }: LayerNumbers,
): Map<string, tf.Tensor> {
  const given = Object.entries(inputs).map(([name, { shape, whole }]): [string, tf.Tensor] => {
    const size = elementCount(shape)
    const of = (sample: number): number[] =>
      whole === undefined
        ? [...normals(size, `${name} ${sample}`, scale)]
        : Array.from({ length: size }, (_, place) => whole(sample, place))
    const [first = 1, ...rest] = shape
    const dtype = whole === undefined ? 'float32' : 'int32'
    return [name, tf.tensor(samples.flatMap(of), [samples.length * first, ...rest], dtype)]
  })
  const learned = weights.map(({ name, shape }): [string, tf.Tensor] => {
    const isGain = shape.length === 1 && name.endsWith('.weight')
    const values = normals(elementCount(shape), name).map((x) => (isGain ? 1 + 0.3 * x : 0.4 * x))
    return [name, tf.tensor(values, [...shape])]
  })
  return new Map([...given, ...learned])
}

/** Names of what a case's output is differentiated by: inputs that are floats, and weights. */
export function differentiated({ inputs, weights }: LayerCase): string[] {
  const floats = Object.entries(inputs).flatMap(([name, { whole }]) => (whole === undefined ? [name] : []))
  return [...floats, ...weights.map(({ name }) => name)]
}

export function passOf(
  tensors: ReadonlyMap<string, tf.Tensor>,
  { samples, seed = 1 }: LayerNumbers,
): LayerPass {
  return {
    batchSize: samples.length,
    weights: tensors,
    drawAt: dropoutSites({ seed, step: 3, microBatch: 0, counter: null }),
    input: (name) => tensors.get(name)!,
    rows: (name) => tensors.get(name) as tf.Tensor2D,
  }
}

/**
 * Output and gradients of sum(output * cotangent) by what is differentiated, in its order. What it makes is the caller's.
 * @param factor of the cotangent, a scalar; 1 by default
 */
export function layerGradients(
  layerCase: LayerCase,
  tensors: ReadonlyMap<string, tf.Tensor>,
  numbers: LayerNumbers,
  factor: tf.Tensor | number = 1,
): { value: tf.Tensor; grads: tf.Tensor[] } {
  const names = differentiated(layerCase)
  const run = (...moved: tf.Tensor[]) => {
    const all = new Map([...tensors, ...names.map((name, i) => [name, moved[i]!] as const)])
    return layerCase.run(passOf(all, numbers))
  }
  return tf.tidy(() => {
    const { size, shape } = run(...names.map((name) => tensors.get(name)!))
    const cotangent = tf.mul(tf.tensor(normals(size, 'cotangent'), shape), factor)
    return tf.valueAndGrads(run)(
      names.map((name) => tensors.get(name)!),
      cotangent,
    )
  })
}

/** The same as arrays; asserts that no tensor stays behind. */
export async function layerArrays(
  layerCase: LayerCase,
  numbers: LayerNumbers,
): Promise<{ output: Float32Array; gradients: Map<string, Float32Array> }> {
  const tensors = layerTensors(layerCase, numbers)
  const before = tf.memory().numTensors
  const { value, grads } = layerGradients(layerCase, tensors, numbers)
  const [output, ...gradients] = await Promise.all(
    [value, ...grads].map(async (tensor) => Float32Array.from(await tensor.data())),
  )
  tf.dispose([value, ...grads])
  expect(tf.memory().numTensors, 'tensors left behind').toBe(before)
  tf.dispose([...tensors.values()])
  const names = differentiated(layerCase)
  return { output: output!, gradients: new Map(gradients.map((gradient, i) => [names[i]!, gradient])) }
}
