import { shownName } from '../../../core/shownName.ts'
import type { ColumnDrift, Drift } from './compareSets.ts'

/** A set in which a model finds its way so much better than a coin is another one in practice. */
const leastAccuracy = 0.6
const mostChance = 0.01

/** How two sets differ, as lines for people. */
export function driftLines({ first, second, columns, notCompared, twoSample }: Drift): string[] {
  const changed = columns.filter(({ verdict }) => verdict !== 'none')
  return [
    `${shownName(first.name)} (${first.count} items) against ${shownName(second.name)} (${second.count} items)`,
    changed.length === 0
      ? 'No column differs by more than chance and little.'
      : `${changed.length} of ${columns.length} columns differ: ${changed.map(({ name }) => shownName(name)).join(', ')}`,
    '',
    ...columns.map(lineOf),
    ...(notCompared.length > 0
      ? [`Only in one of them, or of another kind: ${notCompared.map(shownName).join(', ')}`]
      : []),
    '',
    ...(twoSample === null
      ? ['Too few items to ask a model which set one is of.']
      : [
          `A model told ${percent(twoSample.accuracy)} of ${twoSample.tested} items it had not seen their set (chance is 50 %, p = ${digits(twoSample.pValue)}): ${
            twoSample.pValue > mostChance
              ? 'it cannot tell them apart.'
              : twoSample.accuracy < leastAccuracy
                ? 'they differ a little.'
                : 'they differ. What is learned from one may not hold in the other.'
          }`,
        ]),
  ]
}

function lineOf({
  name,
  kind,
  verdict,
  psi,
  jensenShannon,
  ks,
  pValue,
  wasserstein,
  missing,
}: ColumnDrift): string {
  const parts = [`PSI ${digits(psi)}`, `Jensen–Shannon ${digits(jensenShannon)} bits`]
  if (ks !== null) parts.push(`KS ${digits(ks)}`)
  if (wasserstein !== null)
    parts.push(`Wasserstein ${digits(wasserstein)}${kind === 'text' ? ' characters' : ''}`)
  if (pValue !== null) parts.push(`p ${digits(pValue)}`)
  if (missing[0] !== missing[1]) parts.push(`missing ${percent(missing[0])} and ${percent(missing[1])}`)
  return `${shownName(name)} (${kind === 'text' ? 'lengths of texts' : kind}): ${verdict}; ${parts.join(', ')}`
}

const digits = (value: number) => String(Number(value.toPrecision(3)))
const percent = (share: number) => `${(100 * share).toFixed(1)} %`
