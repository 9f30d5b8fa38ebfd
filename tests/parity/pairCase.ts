import * as tf from '../../src/engine/backend/tfjs.ts'
import type { LossMemory } from '../../src/engine/losses/defineLoss.ts'
import type { LossInputs, Pairs } from '../../src/engine/losses/lossInputs.ts'
import type { Reducer } from '../../src/engine/losses/parts/reducers.ts'
import type { CaseInputs } from './gradientCase.ts'

/** References take a learned scale as it is. */
export const largestScale = 1e30

/** What losses of labelled batches are averaged over. */
export const reducers = { avg_nonzero: 'avg-nonzero', mean: 'mean' } as const satisfies Record<
  string,
  Reducer
>

export function matrix(inputs: CaseInputs, name: string): tf.Tensor2D {
  return inputs.get(name) as tf.Tensor2D
}

/** Two inputs as pairs, each row an item of its own. */
export function pairsOf(inputs: CaseInputs, [a, b]: readonly [string, string]): { pairs: Pairs } {
  return { pairs: { a: matrix(inputs, a), b: matrix(inputs, b), ids: null } }
}

/** The inputs `embeddings` and `labels`. */
export function labelledOf(inputs: CaseInputs): Pick<LossInputs, 'labelled'> {
  return {
    labelled: { embeddings: matrix(inputs, 'embeddings'), labels: inputs.get('labels') as tf.Tensor1D },
  }
}

/** Inputs [1] of a file as learned numbers. */
export function scalarsOf(inputs: CaseInputs, names: Readonly<Record<string, string>>): LossMemory {
  const scalars = Object.entries(names).map(
    ([name, input]) => [name, tf.reshape(inputs.get(input), []) as tf.Scalar] as const,
  )
  return { scalars: Object.fromEntries(scalars), state: {} }
}
