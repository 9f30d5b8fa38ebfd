import { countNgrams } from './ngrams.ts'

/** What stands for the precision of an order that matches nowhere (Chen and Cherry 2014). */
export type BleuSmoothing =
  | { readonly kind: 'none' }
  /** Half of one match, and half of that for every further order. */
  | { readonly kind: 'exp' }
  /** So many matches. */
  | { readonly kind: 'floor'; readonly matches: number }
  /** So many more matches and chances of every order but the first, whether they match or not. */
  | { readonly kind: 'add-k'; readonly matches: number }

export interface BleuOptions {
  readonly maxOrder?: number
  readonly smoothing?: BleuSmoothing
  /** Orders for which texts are too short are left out: for single sentences. */
  readonly leavesOutOrders?: boolean
}

export interface Bleu {
  /** 0 to 1 */
  readonly score: number
  /** By order, the first being of single tokens. */
  readonly precisions: readonly number[]
  readonly matches: readonly number[]
  readonly chances: readonly number[]
  readonly brevityPenalty: number
  /** Tokens that were written, and of the references that are nearest in length. */
  readonly writtenLength: number
  readonly rightLength: number
}

/** Tokens of a text that was written, and of those that are right for it: one at least. */
export interface WrittenText {
  readonly said: readonly string[]
  readonly right: readonly (readonly string[])[]
}

/**
 * BLEU of all texts together (Papineni et al. 2002), as sacreBLEU counts it (Post 2018): matches are clipped by the reference
 * that has a run most often; of two references that are as near in length the shorter one counts.
 */
export function corpusBleu(texts: readonly WrittenText[], options: BleuOptions = {}): Bleu {
  const { maxOrder = 4, smoothing = { kind: 'exp' }, leavesOutOrders = false } = options
  const orders = Array.from({ length: maxOrder }, (_, i) => i + 1)
  const sum = (of: (text: WrittenText) => number) => texts.reduce((total, text) => total + of(text), 0)
  const [writtenLength, rightLength] = [sum(({ said }) => said.length), sum(nearestLength)]
  const added = (order: number) => (smoothing.kind === 'add-k' && order > 1 ? smoothing.matches : 0)
  const found = orders.map((order) => sum((text) => clippedMatches(text, order)))
  const matches = orders.map((order, i) => found[i]! + added(order))
  const chances = orders.map(
    (order) => sum(({ said }) => Math.max(0, said.length - order + 1)) + added(order),
  )
  const told = {
    matches,
    chances,
    writtenLength,
    rightLength,
    brevityPenalty: brevity(writtenLength, rightLength),
  }
  const precisions = orders.map(() => 0)
  if (found.every((count) => count === 0)) return { ...told, precisions, score: 0 }
  const firstWithout = chances.indexOf(0)
  const possible = firstWithout === -1 ? maxOrder : firstWithout
  for (let i = 0, halves = 1; i < possible; i++) {
    const ownMatches = matches[i] === 0 ? standsFor(smoothing, (halves /= 2)) : matches[i]!
    precisions[i] = ownMatches / chances[i]!
  }
  const counted = precisions.slice(0, leavesOutOrders ? possible : maxOrder)
  const logMean = counted.reduce((total, precision) => total + Math.log(precision), 0) / counted.length
  return { ...told, precisions, score: told.brevityPenalty * Math.exp(logMean) }
}

function standsFor(smoothing: BleuSmoothing, half: number): number {
  return smoothing.kind === 'exp' ? half : smoothing.kind === 'floor' ? smoothing.matches : 0
}

function brevity(written: number, right: number): number {
  if (written >= right) return 1
  return written === 0 ? 0 : Math.exp(1 - right / written)
}

function nearestLength({ said, right }: WrittenText): number {
  const [nearest] = right
    .map(({ length }) => length)
    .sort((a, b) => Math.abs(a - said.length) - Math.abs(b - said.length) || a - b)
  return nearest!
}

function clippedMatches({ said, right }: WrittenText, order: number): number {
  const references = right.map((tokens) => countNgrams(tokens, order))
  let both = 0
  for (const [ngram, count] of countNgrams(said, order))
    both += Math.min(count, Math.max(...references.map((counts) => counts.get(ngram) ?? 0)))
  return both
}
