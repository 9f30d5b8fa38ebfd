import type { RunRecord } from './records.ts'

export type SortKey = 'name' | 'status' | 'best' | 'step' | 'elapsed' | 'device' | 'created'
export interface Order {
  key: SortKey
  isDescending: boolean
}

const keys: Record<SortKey, (run: RunRecord) => string | number> = {
  name: (run) => run.name.toLowerCase(),
  status: (run) => run.status,
  best: (run) => run.best?.value ?? Infinity,
  step: (run) => run.step,
  elapsed: (run) => run.elapsedMs,
  device: (run) => run.device?.name ?? '',
  created: (run) => run.createdAt,
}

/** In this order; equal ones newest first. Runs without a best value come last, whichever way. */
export function sortRuns(runs: readonly RunRecord[], { key, isDescending }: Order): RunRecord[] {
  const of = keys[key]
  const sign = isDescending ? -1 : 1
  return [...runs].sort((a, b) => {
    const [x, y] = [of(a), of(b)]
    if (x === y) return b.createdAt - a.createdAt
    if (x === Infinity || y === Infinity) return x === Infinity ? 1 : -1
    return (x < y ? -1 : 1) * sign
  })
}

/** The runs whose name, tags, note, state, preset or device hold the text, or match it as a regular expression. */
export function filterRuns(runs: readonly RunRecord[], filter: string): RunRecord[] {
  const text = filter.trim()
  if (text === '') return [...runs]
  const matches = matcherOf(text)
  return runs.filter(({ name, tags, note, status, preset, device }) =>
    matches([name, ...tags, note, status, preset ?? '', device?.name ?? ''].join('\n')),
  )
}

/** Half a regular expression, as while one types it, is taken as plain text. */
function matcherOf(text: string): (haystack: string) => boolean {
  const lower = text.toLowerCase()
  const isIn = (haystack: string) => haystack.toLowerCase().includes(lower)
  try {
    const pattern = new RegExp(text, 'im')
    return (haystack) => isIn(haystack) || pattern.test(haystack)
  } catch {
    return isIn
  }
}
