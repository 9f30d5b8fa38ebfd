import type { ColumnDrift, Drift } from '../../../core/drift.ts'
import { isMissing } from '../../table/columns.ts'
import type { Column, DoctorSet } from '../doctorSet.ts'
import { setFeatures } from '../features/setFeatures.ts'
import { homogeneity } from './chiSquare.ts'
import { holm } from './holm.ts'
import { joinSets } from './joinSets.ts'
import { numericDrift } from './numericDrift.ts'
import { shareDrift } from './shareDrift.ts'
import { twoSample } from './twoSample.ts'

const bins = 10
const [somePsi, muchPsi] = [0.1, 0.25]
/** A difference that chance makes more often than this is none. */
const mostChance = 0.01
/** Other values of a category are counted together. */
const mostValues = 50

/** Compares two sets column by column and as wholes. Deterministic by seed. Throws `drift-kinds`. */
export function compareSets(first: DoctorSet, second: DoctorSet, options: { readonly seed: number }): Drift {
  const joined = joinSets(first, second)
  const rows = joined.columns.map((column): Omit<ColumnDrift, 'verdict'> => {
    const isLabel = column.name === first.labels?.name
    const [a, b] = [column.cells.slice(0, first.count), column.cells.slice(first.count)]
    return {
      ...compareCells(column.kind, a, b),
      name: column.name,
      kind: isLabel ? 'label' : column.kind,
    }
  })
  if (first.images && second.images) {
    const brightness = [first.images, second.images].map(meansOf) as [number[], number[]]
    rows.push({ ...compareNumbers(...brightness), missing: [0, 0], name: 'brightness', kind: 'brightness' })
    if (first.labels && second.labels) {
      const [a, b] = [first.labels, second.labels].map(({ values, classes }) =>
        Array.from(values, (value) => classes[value] ?? ''),
      ) as [string[], string[]]
      rows.push({ ...compareCells('category', a, b), name: first.labels.name, kind: 'label' })
    }
  }
  const adjusted = holm(rows.map(({ pValue }) => pValue))
  const names = new Set(joined.columns.map(({ name }) => name))
  const inputs = joined.columns.filter(({ name }) => name !== first.labels?.name)
  const hasInputs = inputs.length > 0 || joined.images !== null
  return {
    first: { name: first.name, count: first.count },
    second: { name: second.name, count: second.count },
    columns: rows.map((row, i) => {
      const own = { ...row, pValue: adjusted[i]! }
      return { ...own, verdict: verdictOf(own) }
    }),
    notCompared: [...first.columns, ...second.columns]
      .map(({ name }) => name)
      .filter((name, i, all) => !names.has(name) && all.indexOf(name) === i),
    twoSample: hasInputs
      ? twoSample(setFeatures({ ...joined, columns: inputs }), [first.count, second.count], options)
      : null,
  }
}

type Compared = Pick<ColumnDrift, 'ks' | 'pValue' | 'wasserstein' | 'psi' | 'jensenShannon'>

function compareCells(
  kind: Column['kind'],
  a: readonly string[],
  b: readonly string[],
): Compared & Pick<ColumnDrift, 'missing'> {
  const there = [a, b].map((cells) => cells.filter((cell) => !isMissing(cell))) as [string[], string[]]
  const missing = [1 - there[0].length / a.length, 1 - there[1].length / b.length] as const
  if (kind === 'category') {
    const counts = countsOf(...there)
    const pValue = there[0].length > 0 && there[1].length > 0 ? homogeneity(...counts) : null
    const shares = pValue === null ? { psi: 0, jensenShannon: 0 } : shareDrift(...counts)
    return { ks: null, pValue, wasserstein: null, ...shares, missing }
  }
  const numbers = there.map((cells) =>
    cells.map((cell) => (kind === 'number' ? Number(cell) : cell.length)),
  ) as [number[], number[]]
  return { ...compareNumbers(...numbers), missing }
}

function compareNumbers(a: readonly number[], b: readonly number[]): Compared {
  // Nothing but missing cells on a side: their share says all there is to say.
  if (a.length === 0 || b.length === 0)
    return { ks: null, pValue: null, wasserstein: null, psi: 0, jensenShannon: 0 }
  const edges = edgesOf(a)
  return { ...numericDrift(a, b), ...shareDrift(binned(a, edges), binned(b, edges)) }
}

/** Upper ends of tenths of a sample; equal ones count once. */
function edgesOf(sample: readonly number[]): number[] {
  const sorted = sample.toSorted((x, y) => x - y)
  const ends = Array.from(
    { length: bins - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bins)]!,
  )
  return [...new Set(ends)]
}

function binned(sample: readonly number[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0)
  for (const value of sample) counts[edges.filter((edge) => edge <= value).length]!++
  return counts
}

/** How often each value stands in both; rare ones beyond the fifty most frequent together. */
function countsOf(a: readonly string[], b: readonly string[]): [number[], number[]] {
  const totals = new Map<string, [number, number]>()
  ;[a, b].forEach((cells, side) => {
    for (const cell of cells) {
      const own = totals.get(cell) ?? [0, 0]
      own[side]!++
      totals.set(cell, own)
    }
  })
  const sorted = [...totals.values()].sort((x, y) => y[0] + y[1] - x[0] - x[1])
  const kept = sorted.slice(0, mostValues)
  const rest = sorted.slice(mostValues).reduce((sum, own) => [sum[0] + own[0], sum[1] + own[1]], [0, 0])
  if (sorted.length > mostValues) kept.push([rest[0]!, rest[1]!])
  return [kept.map(([count]) => count), kept.map(([, count]) => count)]
}

function verdictOf({ psi, pValue, missing }: Omit<ColumnDrift, 'verdict'>): ColumnDrift['verdict'] {
  const gap = Math.abs(missing[0] - missing[1])
  // Few items fill tenths unevenly by chance alone.
  const strength = pValue !== null && pValue <= mostChance ? psi : 0
  if (strength >= muchPsi || gap >= muchPsi) return 'much'
  return strength >= somePsi || gap >= somePsi ? 'some' : 'none'
}

function meansOf({ pixels, count }: { pixels: Uint8Array; count: number }): number[] {
  const size = pixels.length / count
  return Array.from({ length: count }, (_, item) => {
    let sum = 0
    for (let at = item * size; at < (item + 1) * size; at++) sum += pixels[at]!
    return sum / size / 255
  })
}
