import { shownName } from './shownName.ts'

/** Whether a model can tell the items of one set from those of another. */
export interface TwoSample {
  /** Share of held-out items that it puts into their set; one half is a coin. */
  readonly accuracy: number
  /** The probability of at least that many by chance. */
  readonly pValue: number
  /** How many items it was asked about, half of them of each set. */
  readonly tested: number
}

/** How one column differs between two sets. What does not apply is null. */
export interface ColumnDrift {
  readonly name: string
  readonly kind: 'number' | 'category' | 'text' | 'label' | 'brightness'
  /** Of numbers, of the lengths of texts, or of mean brightness. */
  readonly ks: number | null
  /** By Kolmogorov and Smirnov or, for categories, chi-square; made larger for the number of columns (Holm 1979). */
  readonly pValue: number | null
  readonly wasserstein: number | null
  /** Over tenths of the first set for numbers, over values for categories. */
  readonly psi: number
  readonly jensenShannon: number
  /** Shares of missing cells in the first and the second set. */
  readonly missing: readonly [number, number]
  /** none, some (PSI from 0.1) or much (from 0.25), where chance is not enough to explain it. */
  readonly verdict: 'none' | 'some' | 'much'
}

/** What two sets of one kind have not in common. Plain JSON. */
export interface Drift {
  readonly first: { readonly name: string; readonly count: number }
  readonly second: { readonly name: string; readonly count: number }
  readonly columns: readonly ColumnDrift[]
  /** Columns that only one of them has, or that are of another kind there. */
  readonly notCompared: readonly string[]
  readonly twoSample: TwoSample | null
}

/** A set in which a model finds its way so much better than a coin is another one in practice. */
const leastAccuracy = 0.6
const mostChance = 0.01

/** What a model's guesses say of two sets, as a sentence. */
export function twoSampleWords(twoSample: TwoSample | null): string {
  if (twoSample === null) return 'Too few items to ask a model which set one is of.'
  const { accuracy, tested, pValue } = twoSample
  const verdict =
    pValue > mostChance
      ? 'it cannot tell them apart.'
      : accuracy < leastAccuracy
        ? 'they differ a little.'
        : 'they differ. What is learned from one may not hold in the other.'
  return `A model told ${(100 * accuracy).toFixed(1)} % of ${tested} items it had not seen their set (chance is 50 %, p = ${Number(pValue.toPrecision(3))}): ${verdict}`
}

/** Which columns differ, as a sentence. */
export function driftWords({ columns }: Drift): string {
  const changed = columns.filter(({ verdict }) => verdict !== 'none')
  if (changed.length === 0) return 'No column differs by more than chance and little.'
  return `${changed.length} of ${columns.length} columns differ: ${changed.map(({ name }) => shownName(name)).join(', ')}.`
}
