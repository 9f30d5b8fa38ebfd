import { Generator } from '../../src/core/rng.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import type { InputKind, LossInputs } from '../../src/engine/losses/lossInputs.ts'

/** What a batch of test inputs is like. */
export interface BatchOptions {
  /** Items in the order in which they come: a permutation of 0 to N - 1. */
  readonly order: readonly number[]
  /** Factor on all numbers; 0 gives zero vectors. */
  readonly scale?: number
  /** Every item has the numbers of the first. */
  readonly areEqual?: boolean
  /** All that is differentiated has the same numbers: a pair is of twins. */
  readonly areTwins?: boolean
  /** Two items at a time share their id, where a kind has ids. */
  readonly hasSharedIds?: boolean
  /** Others give other numbers. */
  readonly seed?: number
}

type Shape = readonly number[]

/** An array of a batch. */
export interface Leaf {
  readonly dtype: 'float32' | 'int32'
  readonly shape: readonly number[]
  readonly values: Float32Array | Int32Array
}

const tensorOf = ({ values, shape, dtype }: Leaf): tf.Tensor => tf.tensor(values, [...shape], dtype)

/** Tensors of a batch, item by item the same whatever the order. */
class Batch {
  readonly #options: BatchOptions
  readonly #ask: (leaf: Leaf) => tf.Tensor

  /** @param ask makes a tensor of each array, in the order in which a recipe wants them */
  constructor(options: BatchOptions, ask: (leaf: Leaf) => tf.Tensor = tensorOf) {
    this.#options = options
    this.#ask = ask
  }

  get hasSharedIds(): boolean {
    return this.#options.hasSharedIds ?? false
  }

  get size(): number {
    return this.#options.order.length
  }

  /** Numbers [N, ...rest], about normal. */
  values(name: string, rest: Shape): Float32Array {
    const { order, scale = 1, areEqual = false, seed = 5 } = this.#options
    const length = rest.reduce((product, size) => product * size, 1)
    const generator = new Generator(seed, `tests/losses/${name}`)
    const of = (item: number) => generator.normals(length, areEqual ? 0 : item)
    return Float32Array.from(
      order.flatMap((item) => [...of(item)]),
      (x) => x * scale,
    )
  }

  floats<R extends tf.Rank>(name: string, rest: Shape): tf.Tensor<R> {
    return this.#tensor(rest, 'float32', this.values(name, rest))
  }

  integers<R extends tf.Rank>(rest: Shape, of: (item: number, place: number) => number): tf.Tensor<R> {
    const length = rest.reduce((product, size) => product * size, 1)
    const all = this.#options.order.flatMap((item) => Array.from({ length }, (_, place) => of(item, place)))
    return this.#tensor(rest, 'int32', Int32Array.from(all))
  }

  /** One number a row. */
  numbers(of: (item: number) => number): tf.Tensor1D {
    return this.#tensor([], 'float32', Float32Array.from(this.#options.order, of))
  }

  #tensor<R extends tf.Rank>(rest: Shape, dtype: Leaf['dtype'], values: Leaf['values']): tf.Tensor<R> {
    return this.#ask({ dtype, shape: [this.size, ...rest], values }) as tf.Tensor<R>
  }
}

export const lossWidth = 4
const seqLen = 3

/** What of an input is differentiated, by name, and what is made of it. */
interface Recipe<K extends InputKind> {
  readonly learned: { readonly [name: string]: Shape }
  make(batch: Batch, learned: (name: string) => tf.Tensor): LossInputs[K]
}

type Matrix = tf.Rank.R2
const asMatrix = (x: tf.Tensor): tf.Tensor2D => x as tf.Tensor2D
const asVector = (x: tf.Tensor): tf.Tensor1D => x as tf.Tensor1D
const wide = [lossWidth] as const
const pair = { a: wide, b: wide }
const idsOf = (batch: Batch): tf.Tensor1D | null =>
  batch.hasSharedIds ? batch.integers([], (item) => Math.floor(item / 2)) : null
const pairOf = (batch: Batch, learned: (name: string) => tf.Tensor) => ({
  a: asMatrix(learned('a')),
  b: asMatrix(learned('b')),
  ids: idsOf(batch),
})
const labelsOf = (batch: Batch): tf.Tensor1D => batch.integers([], (item) => item % 3)
const tokens = (batch: Batch): tf.Tensor2D =>
  batch.integers([seqLen], (item, place) => (item + place) % lossWidth)

/** A kind without its recipe does not compile. */
const recipes: { readonly [K in InputKind]: Recipe<K> } = {
  classes: {
    learned: { logits: wide },
    make: (batch, learned) => ({
      logits: asMatrix(learned('logits')),
      targets: batch.integers([], (item) => item % lossWidth),
      classCounts: [7, 1, 3, 2],
    }),
  },
  softClasses: {
    learned: { logits: wide },
    make: (batch, learned) => ({
      logits: asMatrix(learned('logits')),
      targets: tf.softmax(batch.floats<Matrix>('targets', wide)),
    }),
  },
  binary: {
    learned: { logits: wide },
    make: (batch, learned) => ({
      logits: asMatrix(learned('logits')),
      targets: tf.stack(
        Array.from({ length: lossWidth }, (_, place) => batch.numbers((item) => (item + place) % 2)),
        1,
      ) as tf.Tensor2D,
      positiveWeights: null,
      positiveShares: [0.5, 0.25, 0.1, 0.8],
    }),
  },
  values: {
    learned: { prediction: wide },
    make: (batch, learned) => ({
      prediction: asMatrix(learned('prediction')),
      target: batch.floats('target', wide),
    }),
  },
  ranked: {
    learned: { first: [], second: [] },
    make: (batch, learned) => ({
      first: asVector(learned('first')),
      second: asVector(learned('second')),
      order: batch.numbers((item) => (item % 2 === 0 ? 1 : -1)),
    }),
  },
  sequences: {
    learned: { logits: [seqLen, lossWidth] },
    make: (batch, learned) => ({
      logits: learned('logits') as tf.Tensor3D,
      targets: tokens(batch),
    }),
  },
  preferences: {
    learned: { policyChosen: [], policyRejected: [] },
    make: (batch, learned) => ({
      policyChosen: asVector(learned('policyChosen')),
      policyRejected: asVector(learned('policyRejected')),
      referenceChosen: batch.floats('chosen', []),
      referenceRejected: batch.floats('rejected', []),
    }),
  },
  taught: {
    learned: { logits: wide },
    make: (batch, learned) => ({
      logits: asMatrix(learned('logits')),
      teacher: batch.floats('teacher', wide),
      targets: batch.integers([], (item) => item % lossWidth),
    }),
  },
  pairs: { learned: pair, make: pairOf },
  labelledPairs: {
    learned: pair,
    make: (batch, learned) => ({ ...pairOf(batch, learned), labels: labelsOf(batch) }),
  },
  judgedPairs: {
    learned: pair,
    make: (batch, learned) => ({
      a: asMatrix(learned('a')),
      b: asMatrix(learned('b')),
      areSame: batch.numbers((item) => item % 2),
    }),
  },
  taughtPairs: {
    learned: pair,
    make: (batch, learned) => ({
      ...pairOf(batch, learned),
      teacherA: batch.floats('teacher a', [3]),
      teacherB: batch.floats('teacher b', [3]),
      teacherScale: tf.tensor1d([2]),
    }),
  },
  captionedPairs: {
    learned: { ...pair, logits: [seqLen, lossWidth] },
    make: (batch, learned) => ({
      ...pairOf(batch, learned),
      logits: learned('logits') as tf.Tensor3D,
      targets: tokens(batch),
    }),
  },
  queries: {
    learned: { query: wide, key: wide, negatives: wide },
    make: (_batch, learned) => ({
      query: asMatrix(learned('query')),
      key: asMatrix(learned('key')),
      negatives: asMatrix(learned('negatives')),
    }),
  },
  momentumPairs: {
    learned: { query: wide },
    make: (batch, learned) => ({
      query: asMatrix(learned('query')),
      key: batch.floats('key', wide),
      ids: idsOf(batch),
      reverse: { query: batch.floats('reverse query', wide), key: batch.floats('reverse key', wide) },
    }),
  },
  referencedPairs: {
    learned: pair,
    make: (batch, learned) => ({
      ...pairOf(batch, learned),
      referenceA: batch.floats('reference a', wide),
      referenceB: batch.floats('reference b', wide),
    }),
  },
  prototypeScores: {
    learned: { low: wide },
    make: (batch, learned) => ({
      // Codes carry no gradient: they are of scores that stay.
      high: [batch.floats('first', wide), batch.floats('second', wide)],
      low: [asMatrix(learned('low'))],
      queued: [],
    }),
  },
  labelled: {
    learned: { embeddings: wide },
    make: (batch, learned) => ({ embeddings: asMatrix(learned('embeddings')), labels: labelsOf(batch) }),
  },
  multiLabelled: {
    learned: { embeddings: wide },
    make: (batch, learned) => ({
      embeddings: asMatrix(learned('embeddings')),
      labels: tf.stack(
        [2, 3].map((period) => batch.numbers((item) => (item % period === 0 ? 1 : 0))),
        1,
      ) as tf.Tensor2D,
    }),
  },
  embeddings: {
    learned: { embeddings: wide },
    make: (_batch, learned) => ({ embeddings: asMatrix(learned('embeddings')) }),
  },
  triplets: {
    learned: { anchor: wide, positive: wide, negative: wide },
    make: (_batch, learned) => ({
      anchor: asMatrix(learned('anchor')),
      positive: asMatrix(learned('positive')),
      negative: asMatrix(learned('negative')),
    }),
  },
  views: {
    learned: { first: wide, second: wide },
    make: (batch, learned) => ({
      student: [asMatrix(learned('first')), asMatrix(learned('second'))],
      teacher: [batch.floats('teacher 1', wide), batch.floats('teacher 2', wide)],
    }),
  },
}

export interface LossBatch {
  /** Shapes and numbers of what is differentiated. */
  readonly learned: readonly { readonly shape: number[]; readonly values: Float32Array }[]
  /** The rest: arrays that `inputs` makes tensors of, in that order. */
  readonly given: readonly Leaf[]
  /** Within `tidy`. @param given tensors in place of those arrays; without, they are made anew each time */
  inputs(learned: readonly tf.Tensor[], given?: readonly tf.Tensor[]): Partial<LossInputs>
}

/** Inputs of any kind, with numbers that depend on nothing but the options. */
export function lossBatch(kind: InputKind, options: BatchOptions): LossBatch {
  const recipe = recipes[kind] as Recipe<InputKind>
  const names = Object.keys(recipe.learned)
  const batch = new Batch(options)
  const learned = names.map((name) => {
    const rest = recipe.learned[name]!
    const values = batch.values(options.areTwins === true ? names[0]! : name, rest)
    return { shape: [batch.size, ...rest], values }
  })
  const make = (ask: (leaf: Leaf) => tf.Tensor, tensors: readonly tf.Tensor[]) =>
    recipe.make(new Batch(options, ask), (name) => tensors[names.indexOf(name)]!)
  const given: Leaf[] = []
  tf.tidy(() => {
    make(
      (leaf) => {
        given.push(leaf)
        return tensorOf(leaf)
      },
      learned.map(({ shape, values }) => tf.tensor(values, shape)),
    )
  })
  return {
    learned,
    given,
    inputs(tensors, instead) {
      let next = 0
      return { [kind]: make((leaf) => instead?.[next++] ?? tensorOf(leaf), tensors) }
    },
  }
}
