import { savedSeconds, type StepChange, type StepReport } from './steps.ts'

const states = {
  never: 'not made before',
  evicted: 'made before, then given up for room',
  corrupted: 'what was stored is damaged; it was deleted',
  unkept: 'made before, but there was no room to keep it',
} as const

/** Why it was computed, or what was done instead. */
export function reasonWords({ outcome, reason, unkept }: StepReport): string {
  if (reason === null) return outcome === 'spared' ? 'not needed' : 'found stored'
  const why = reason.kind === 'changed' ? reason.changes.map(changeWords).join('; ') : states[reason.kind]
  if (unkept === null) return why
  return `${why}. Not kept: ${unkept === 'over-budget' ? 'it is over the budget for reuse' : 'the disk is full'}`
}

function changeWords({ of, name, before, now }: StepChange): string {
  if (of === 'input') return name === 'content' ? 'other data' : `other ${inputWords[name] ?? name}`
  if (of === 'code') return `${name === '' ? 'the step' : name} has new code`
  const setting = of === 'seed' ? 'seed' : spaced(name)
  if (before === undefined) return `${setting} is new: ${shown(now)}`
  if (now === undefined) return `${setting} is gone`
  return `${setting} ${shown(before)} → ${shown(now)}`
}

const inputWords: Readonly<Record<string, string>> = {
  text: 'text before it',
  pixels: 'pictures',
  rows: 'rows',
}

/** `split.fraction` as “split fraction”, `maxVocabSize` as “max vocab size”. */
function spaced(path: string): string {
  return path
    .replaceAll('.', ' ')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim()
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/** One line for all: `2 of 3 steps reused, 1.4 s saved`. */
export function reuseWords(reports: readonly StepReport[]): string {
  const reused = reports.filter(({ outcome }) => outcome !== 'computed').length
  const saved = savedSeconds(reports)
  const time = saved >= 0.05 ? `, ${saved.toFixed(1)} s saved` : ''
  return `${reused} of ${reports.length} ${reports.length === 1 ? 'step' : 'steps'} reused${time}`
}

/** `reuseWords` of what steps made, then what was computed and why, a line each. */
export function reportLines(reports: readonly StepReport[], what = 'Data'): string[] {
  const computed = reports.filter(({ outcome }) => outcome === 'computed')
  const lines = computed.map(
    (report) => `  ${report.title}: computed in ${report.seconds.toFixed(2)} s (${reasonWords(report)})`,
  )
  return [`${what}: ${reuseWords(reports)}`, ...lines]
}
