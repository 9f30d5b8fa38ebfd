import { ShapeError } from '../../core/errors.ts'
import { elementCount } from '../../core/hostTensor.ts'
import { Generator } from '../../core/rng.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../backend/tfjs.ts'
import { spreadOf, type FanInit } from './initialization.ts'

export type Init =
  | { readonly kind: 'normal'; readonly standardDeviation: number }
  | { readonly kind: 'constant'; readonly value: number }
  /** By the widths that a matrix [in, out] or a convolution [.., in, out] has: see `initialization.ts`. */
  | { readonly kind: FanInit }

/** One weight of a model. */
export interface ParameterSpec {
  /** As in checkpoints; Hugging Face's where the architecture has one. */
  readonly name: string
  readonly shape: readonly number[]
  /**
   * Optimizers treat the kinds differently: decay is for matrices, not for embeddings, biases and norms. A `matrix` is
   * [in, out]; a `head` is the last one, which makes scores of classes.
   */
  readonly kind: 'matrix' | 'head' | 'embedding' | 'vector'
  readonly init: Init
}

/** Weights by name: a `Map` of variables is one. */
export interface Weights {
  get(name: string): Tensor | undefined
}

/** Initial values of one weight. Purpose `init/<name>`: adding a weight does not move another's numbers. */
export function initialValues({ name, shape, init }: ParameterSpec, seed: number): Float32Array {
  const length = elementCount(shape)
  if (init.kind === 'constant') return new Float32Array(length).fill(init.value)
  const generator = new Generator(seed, `init/${name}`)
  const { standardDeviation, isUniform } =
    init.kind === 'normal' ? { ...init, isUniform: false } : spreadOf(init.kind, shape)
  if (!isUniform) return generator.normals(length).map((value) => value * standardDeviation)
  const limit = Math.sqrt(3) * standardDeviation
  return Float32Array.from({ length }, (_, i) => (2 * generator.uniform(0, i) - 1) * limit)
}

/** The matrix called `name`. Throws `missing-weight` when there is none. */
export function matrixOf(weights: Weights, name: string): Tensor2D {
  const weight = weights.get(name)
  if (weight?.rank === 2) return weight as Tensor2D
  throw new ShapeError(
    `Weight ${name}: must be a matrix, got ${weight ? `[${weight.shape.join(', ')}]` : 'nothing'}`,
    {
      code: 'missing-weight',
      details: { name },
    },
  )
}

/** The vector called `name`; null when the model has no such bias or gain. */
export function vectorOf(weights: Weights, name: string): Tensor1D | null {
  const weight = weights.get(name)
  if (weight === undefined) return null
  if (weight.rank === 1) return weight as Tensor1D
  throw new ShapeError(`Weight ${name}: must be a vector, got [${weight.shape.join(', ')}]`, {
    code: 'missing-weight',
    details: { name },
  })
}
