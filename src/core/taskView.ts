import type { ProbabilityReport } from './probabilityReport.ts'
import type { RetrievalReport } from './retrievalReport.ts'
import type { ValuesReport } from './valuesReport.ts'

/** One item of a data set as people see it. Plain data. */
export type ItemView =
  | {
      readonly kind: 'picture'
      readonly height: number
      readonly width: number
      /** 1 grey, 3 red, green and blue. */
      readonly channels: number
      /** [height, width, channels], 0 to 255 */
      readonly pixels: Uint8Array
      /** Its caption; left out where it has none. */
      readonly caption?: string
    }
  | { readonly kind: 'row'; readonly cells: readonly (readonly [name: string, value: string])[] }

/** What an update learned from, for looking at. */
export interface KeptBatch {
  /** Finished updates after it. */
  readonly step: number
  /** Whether places are items of the training part, or tokens of it with which windows begin. */
  readonly of: 'items' | 'windows'
  /** All of the update: the one with the highest loss first, or batch after batch where there are no losses. */
  readonly places: readonly number[]
  /** Of each of the places by itself; left out where losses compare items, and of very large batches. */
  readonly losses?: readonly number[]
  /** Finished updates by whose weights the losses are. */
  readonly lossesAt?: number
  /** The first of them, before augmentation. */
  readonly shown: readonly ItemView[]
  /** What is right for each that is shown; null, or left out, where that cannot be said in words. */
  readonly targets?: readonly (string | null)[]
}

/** An item of the validation that was taken for another class. */
export interface Mistake {
  /** Places in `classes`. */
  readonly right: number
  readonly said: number
  /** What the model gave the class that it said, 0 to 1. */
  readonly confidence: number
  readonly item: ItemView | null
}

/** A label that is right for an item or was said of it. */
export interface LabelGuess {
  readonly label: string
  /** What the model gave it, 0 to 1. */
  readonly probability: number
  readonly isRight: boolean
  readonly isSaid: boolean
}

/** An item with what it is called; empty where it has no name. */
export interface NamedItem {
  readonly item: ItemView | null
  readonly words: string
}

export interface SearchRow {
  readonly query: NamedItem
  /** The best first. */
  readonly found: readonly (NamedItem & { readonly isRight: boolean })[]
}

/** A text that was turned into another. */
export interface WrittenText {
  readonly source: string
  readonly right: string
  readonly said: string
  /** Tokens that were read and written, and the share [Tt, Ts] that each of these gave to each of those; null where nobody looked. */
  readonly attention: {
    readonly read: readonly string[]
    readonly wrote: readonly string[]
    readonly shares: Float32Array
  } | null
}

/** A token that was to be found again. */
export interface HiddenPlace {
  readonly right: string
  /** What stood there instead, where it was not hidden but changed or left as it is; null where it was hidden. */
  readonly read: string | null
  /** The likeliest first; probabilities are 0 to 1. */
  readonly guesses: readonly {
    readonly token: string
    readonly probability: number
    readonly isRight: boolean
  }[]
  /** What the right one was given, among the guesses or not. */
  readonly rightProbability: number
}

/** What a validation shows beside its numbers. Plain data. */
export type TaskView =
  | {
      readonly kind: 'confusion'
      readonly classes: readonly string[]
      /** [C, C]: rows by the right class, columns by the one that was said. */
      readonly counts: Int32Array
      /** The surest first. */
      readonly mistakes: readonly Mistake[]
      /** Left out in views that older versions kept. */
      readonly probabilities?: ProbabilityReport
    }
  | {
      readonly kind: 'label-sets'
      /** The most frequent first: items that have it, that it was said of, and both. */
      readonly labels: readonly {
        readonly name: string
        readonly right: number
        readonly said: number
        readonly both: number
      }[]
      /** Those that are furthest off, with all that is right or was said of them, the likeliest first. */
      readonly items: readonly { readonly item: ItemView | null; readonly guesses: readonly LabelGuess[] }[]
    }
  | {
      readonly kind: 'neighbours'
      /** Some items, each with those that lie nearest, the nearest first. */
      readonly rows: readonly { readonly query: NamedItem; readonly nearest: readonly NamedItem[] }[]
      /** How items find those of their class; left out where they have none, and in views that older versions kept. */
      readonly found?: RetrievalReport
    }
  | {
      readonly kind: 'search'
      /** Some captions, each with the pictures that fit it best, and the other way round. */
      readonly byWords: readonly SearchRow[]
      readonly byPicture: readonly SearchRow[]
    }
  | { readonly kind: 'translations'; readonly texts: readonly WrittenText[] }
  | {
      readonly kind: 'hidden-tokens'
      /** Each in the order in which it is read. */
      readonly texts: readonly (readonly (string | HiddenPlace)[])[]
    }
  | {
      readonly kind: 'predictions'
      /** Some of the items: what was right, and what was said. */
      readonly points: readonly (readonly [right: number, said: number])[]
      /** Of all of them; left out by runs of earlier versions. */
      readonly figures?: ValuesReport
    }
