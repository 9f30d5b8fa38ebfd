import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '../backend/tfjs.ts'

/** Target of positions that no loss and no metric counts. */
export const ignoredTarget = -1

/** Logits [N, V] that are too large to be made as a whole: rows · tableᵀ. */
export interface UnmadeLogits {
  /** float32 [N, D] */
  readonly rows: Tensor2D
  /** [V, D] */
  readonly table: Tensor2D
}

/** Two views or modalities of the same items, row by row. Not normalised. */
export interface Pairs {
  /** [B, D] */
  readonly a: Tensor2D
  /** [B, D] */
  readonly b: Tensor2D
  /** int32 [B]: rows with the same id are positives of each other; null: each row is its own item. */
  readonly ids: Tensor1D | null
}

/**
 * What losses can be computed from, by kind: a loss accepts one of them, a task gives some. N, B rows; C, V classes;
 * D width; S positions.
 */
export interface LossInputs {
  /** One class a row. */
  readonly classes: {
    /** [N, C] */
    readonly logits: Tensor2D | UnmadeLogits
    /** int32 [N]; `ignoredTarget` where there is nothing to predict. */
    readonly targets: Tensor1D
    /** [C]: how much each class counts, whatever the settings say; null or left out for what they say. Only of logits that are made. */
    readonly classWeights?: Tensor1D | null
    /** Items of the training part that have each class; null or left out where nobody counted. */
    readonly classCounts?: readonly number[] | null
  }
  /** A distribution over classes a row. */
  readonly softClasses: {
    /** [N, C] */
    readonly logits: Tensor2D
    /** [N, C], rows of sum 1 */
    readonly targets: Tensor2D
  }
  /** Independent yes-or-no questions. */
  readonly binary: {
    /** [N, C] */
    readonly logits: Tensor2D
    /** [N, C], 0 to 1 */
    readonly targets: Tensor2D
    /** [C]: how much a yes counts for each question, whatever the settings say; null for what they say. */
    readonly positiveWeights: Tensor1D | null
    /** Share of the training part whose answer to each is yes; null or left out where nobody counted. */
    readonly positiveShares?: readonly number[] | null
    /** Factors of the terms, broadcast to [N, C]; all count the same by default. */
    readonly weights?: Tensor | null
  }
  readonly values: {
    /** [N, C] */
    readonly prediction: Tensor2D
    /** [N, C] */
    readonly target: Tensor2D
  }
  /** Which of two scores should be higher. */
  readonly ranked: {
    /** [N] */
    readonly first: Tensor1D
    /** [N] */
    readonly second: Tensor1D
    /** [N]: 1 where the first should be higher, -1 where the second should. */
    readonly order: Tensor1D
  }
  /** Sequences of tokens with their targets. */
  readonly sequences: {
    /** [B, S, V] */
    readonly logits: Tensor3D
    /** int32 [B, S]; `ignoredTarget` where there is nothing to predict. */
    readonly targets: Tensor2D
  }
  /** Log-probabilities of answers, by the model and by a frozen reference: each [B]. */
  readonly preferences: {
    readonly policyChosen: Tensor1D
    readonly policyRejected: Tensor1D
    readonly referenceChosen: Tensor1D
    readonly referenceRejected: Tensor1D
  }
  /** A student's and a teacher's logits of the same rows. */
  readonly taught: {
    /** [N, C] */
    readonly logits: Tensor2D
    /** [N, C], without a gradient unless the caller lets one through */
    readonly teacher: Tensor2D
    /** int32 [N]; null where there are no labels. */
    readonly targets: Tensor1D | null
  }
  readonly pairs: Pairs
  /** Pairs of which it is known whether they belong together. */
  readonly judgedPairs: {
    /** [N, D] */
    readonly a: Tensor2D
    /** [N, D] */
    readonly b: Tensor2D
    /** [N], 1 where they do, else 0 */
    readonly areSame: Tensor1D
  }
  /** Pairs, and the class of each. */
  readonly labelledPairs: Pairs & {
    /** int32 [B] */
    readonly labels: Tensor1D
  }
  /** Pairs, and what a teacher makes of them, without gradients. */
  readonly taughtPairs: Pairs & {
    /** [B, E] */
    readonly teacherA: Tensor2D
    /** [B, E] */
    readonly teacherB: Tensor2D
    /** The teacher's scale of similarities, [1]. */
    readonly teacherScale: Tensor1D
  }
  /** Pairs, and a caption of each. */
  readonly captionedPairs: Pairs & LossInputs['sequences']
  /** Queries with one key each, and negatives that they share. */
  readonly queries: {
    /** [B, D] */
    readonly query: Tensor2D
    /** [B, D] */
    readonly key: Tensor2D
    /** [K, D] */
    readonly negatives: Tensor2D
  }
  /** Queries, and what a momentum encoder makes of the same items: keys without gradients. */
  readonly momentumPairs: {
    /** [B, D] */
    readonly query: Tensor2D
    /** [B, D] */
    readonly key: Tensor2D
    /** int32 [B], from 0: rows with the same id are positives of each other; null: each row is its own item. */
    readonly ids: Tensor1D | null
    /** The same items the other way round: queries of the side that keys are of, keys of the other. Left out without. */
    readonly reverse?: { readonly query: Tensor2D; readonly key: Tensor2D }
  }
  /** Pairs, and what a reference makes of the same items. */
  readonly referencedPairs: Pairs & {
    /** [B, D] */
    readonly referenceA: Tensor2D
    /** [B, D] */
    readonly referenceB: Tensor2D
  }
  /** How well each prototype fits views of the same items, of which high-resolution ones come first. */
  readonly prototypeScores: {
    /** Each [B, K]. */
    readonly high: readonly Tensor2D[]
    /** Each [B, K]. */
    readonly low: readonly Tensor2D[]
    /** Of earlier items, for each of `high`: [Q, K]; empty without. */
    readonly queued: readonly Tensor2D[]
  }
  readonly labelled: {
    /** [N, D] */
    readonly embeddings: Tensor2D
    /** int32 [N] */
    readonly labels: Tensor1D
  }
  /** Rows that have several labels each, or none. */
  readonly multiLabelled: {
    /** [N, D] */
    readonly embeddings: Tensor2D
    /** float32 [N, L], 1 where a row has a label, else 0 */
    readonly labels: Tensor2D
  }
  readonly embeddings: {
    /** [N, D] */
    readonly embeddings: Tensor2D
  }
  readonly triplets: {
    /** [N, D] */
    readonly anchor: Tensor2D
    /** [N, D] */
    readonly positive: Tensor2D
    /** [N, D] */
    readonly negative: Tensor2D
  }
  /** Views of the same items: each [B, D]. View i of the student and of the teacher is the same crop. */
  readonly views: {
    readonly student: readonly Tensor2D[]
    /** Without gradients. */
    readonly teacher: readonly Tensor2D[]
  }
}

export type InputKind = keyof LossInputs

/** Those that hold what averaged weights make of the same items: it takes a pass of its own. */
export const taughtKinds: ReadonlySet<InputKind> = new Set<InputKind>([
  'momentumPairs',
  'referencedPairs',
  'views',
])
