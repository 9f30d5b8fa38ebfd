import { driftWords, twoSampleWords, type ColumnDrift, type Drift } from '../../../core/drift.ts'
import { shownName } from '../../../core/shownName.ts'

/** How two sets differ, as lines for people. */
export function driftLines(drift: Drift): string[] {
  const { first, second, columns, notCompared, twoSample } = drift
  return [
    `${shownName(first.name)} (${first.count} items) against ${shownName(second.name)} (${second.count} items)`,
    driftWords(drift),
    '',
    ...columns.map(lineOf),
    ...(notCompared.length > 0
      ? [`Only in one of them, or of another kind: ${notCompared.map(shownName).join(', ')}`]
      : []),
    '',
    twoSampleWords(twoSample),
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
