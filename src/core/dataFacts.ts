/** What models, losses and metrics must know of a data set; each kind of data gives some. Plain data. */
export interface DataFacts {
  /** Tokens that its tokenizer knows. */
  readonly vocabSize?: number
  /** Size of every image. */
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number }
  /** Tokens of the longest text of an item, its caption say; left out where items have none. */
  readonly textTokens?: number
  /** Tokens of the longest text that is to be written of an item; left out where none is. */
  readonly targetTokens?: number
  /** What the labels 0, 1, … mean; empty where items have none. */
  readonly classes?: readonly string[]
  /** Items of the training part that have each of these classes; left out where there are none. */
  readonly classCounts?: readonly number[]
  /** What the labels are called of which an item may have several; left out where it has one class, or none. */
  readonly labels?: readonly string[]
  /** Share of the training part that has each of these. */
  readonly labelShares?: readonly number[]
  /** Numbers that stand for one row of a table. */
  readonly numFeatures?: number
  /** A number that is to be predicted of each item: what was taken from it and what it was divided by. */
  readonly target?: { readonly mean: number; readonly deviation: number }
}

/** Facts of some data set: weights have the same names with those of any other. `side` is one that the model can read. */
export const anyFacts = (side: number): DataFacts => ({
  vocabSize: 1,
  textTokens: 1,
  targetTokens: 1,
  image: { height: side, width: side, channels: 3 },
  classes: ['a', 'b'],
  classCounts: [1, 1],
  labels: ['a', 'b'],
  labelShares: [0.5, 0.5],
  numFeatures: 1,
  target: { mean: 0, deviation: 1 },
})
