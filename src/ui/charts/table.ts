import type { Curve } from './panels.ts'
import { lowerBound } from './thinning.ts'

/** A chart's values at one step; null where a curve has none there. */
export interface Row {
  step: number
  elapsedMs: number
  values: (number | null)[]
}

/** Every step at which any curve has a value, unsmoothed. */
export function allRows(curves: readonly Curve[]): Row[] {
  return rowsAt(
    curves,
    [...new Set(curves.flatMap((curve) => [...curve.series.steps]))].sort((a, b) => a - b),
  )
}

/** Rows to read: at the steps of the sparsest curve, so that lines are whole, and at most `most`, evenly spread. */
export function someRows(curves: readonly Curve[], most: number): Row[] {
  const steps = sparsestSteps(curves)
  const every = Math.ceil(steps.length / most)
  return rowsAt(
    curves,
    [...steps].filter((_, i) => (steps.length - 1 - i) % every === 0),
  )
}

/** Steps of the curve with the widest spacing; of several such the longest. */
function sparsestSteps(curves: readonly Curve[]): Float64Array {
  const all = curves.map((curve) => curve.series.steps).sort((a, b) => b.length - a.length)
  const spacing = (steps: Float64Array) =>
    steps.length < 2 ? 0 : (steps.at(-1)! - steps[0]!) / (steps.length - 1)
  const widest = Math.max(0, ...all.map(spacing))
  return all.find((steps) => spacing(steps) >= widest / 2) ?? new Float64Array()
}

/** RFC 4180, with a header line. Numbers as JavaScript writes them: exact when read back. */
export function toCsv(curves: readonly Curve[]): string {
  const lines = [['step', 'elapsed_s', ...columnNames(curves)].map(quoted).join(',')]
  for (const { step, elapsedMs, values } of allRows(curves)) {
    lines.push([step, elapsedMs / 1000, ...values.map((value) => value ?? '')].join(','))
  }
  return `${lines.join('\r\n')}\r\n`
}

/** Labels; where two runs are called the same, with what tells them apart. */
function columnNames(curves: readonly Curve[]): string[] {
  return curves.map(({ label, key }) =>
    curves.filter((other) => other.label === label).length > 1 ? `${label} (${key})` : label,
  )
}

function rowsAt(curves: readonly Curve[], steps: readonly number[]): Row[] {
  return steps.map((step) => {
    let elapsedMs = 0
    const values = curves.map(({ series }) => {
      const index = lowerBound(series.steps, step)
      if (series.steps[index] !== step) return null
      elapsedMs = series.elapsedMs[index]!
      return series.values[index]!
    })
    return { step, elapsedMs, values }
  })
}

/** Quoted where the format needs it, and where a spreadsheet would take the text for a formula. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
