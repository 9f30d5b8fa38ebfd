import type { RunState } from '../../runs/runState.svelte.ts'

export type MeasuredStep = NonNullable<RunState['profile']>
export type StepProfile = MeasuredStep['profile']
export type Dispatch = NonNullable<StepProfile['dispatches']>[number]

/** What kernels reached. null where it is not known: a kernel that tells no operations, a clock that told no time. */
export interface Rates {
  flopsPerSecond: number | null
  bytesPerSecond: number | null
  /** Share of the device's peak, of arithmetic or of memory: whichever is nearer to it. */
  ofPeak: { share: number; bound: 'compute' | 'memory' } | null
}

export interface KernelGroup {
  name: string
  /** Any CSS colour. The seven groups that take longest have their own, the rest share the last one. */
  color: string
  ms: number
  /** Of the time of all dispatches; 0 where the clock told none. */
  share: number
  rates: Rates
  /** In the order of the step; `index` counts from 0. */
  members: { index: number; detail: string; dispatch: Dispatch }[]
}

/** Words before the first size name a kernel: `attention query gradient 64 4 16` is of `attention query gradient`. */
export function splitLabel(label: string): { name: string; detail: string } {
  const words = label.split(' ')
  const end = words.findIndex((word, i) => i > 0 && /\d|^(true|false)$|^$/.test(word))
  if (end < 0) return { name: label, detail: '' }
  return { name: words.slice(0, end).join(' '), detail: words.slice(end).join(' ').trim() }
}

export function ratesOf(dispatches: readonly Dispatch[], peaks: StepProfile['peaks']): Rates {
  const telling = dispatches.filter(({ flops }) => flops > 0)
  const flopsPerSecond = perSecond(sumOf(telling, 'flops'), sumOf(telling, 'durationMs'))
  const bytesPerSecond = perSecond(sumOf(dispatches, 'bytes'), sumOf(dispatches, 'durationMs'))
  if (peaks === null || bytesPerSecond === null) return { flopsPerSecond, bytesPerSecond, ofPeak: null }
  const compute = (flopsPerSecond ?? 0) / peaks.flopsPerSecond
  const memory = bytesPerSecond / peaks.bytesPerSecond
  const bound = compute > memory ? 'compute' : 'memory'
  return { flopsPerSecond, bytesPerSecond, ofPeak: { share: Math.max(compute, memory), bound } }
}

/** The kernels of a step, longest first. */
export function groupKernels(dispatches: readonly Dispatch[], peaks: StepProfile['peaks']): KernelGroup[] {
  const totalMs = sumOf(dispatches, 'durationMs')
  const members = new Map<string, KernelGroup['members']>()
  dispatches.forEach((dispatch, index) => {
    const { name, detail } = splitLabel(dispatch.label)
    const list = members.get(name) ?? []
    members.set(name, list)
    list.push({ index, detail, dispatch })
  })
  return [...members]
    .map(([name, list]) => {
      const own = list.map(({ dispatch }) => dispatch)
      const ms = sumOf(own, 'durationMs')
      return {
        name,
        color: '',
        ms,
        share: totalMs > 0 ? ms / totalMs : 0,
        rates: ratesOf(own, peaks),
        members: list,
      }
    })
    .sort((a, b) => b.ms - a.ms)
    .map((group, i) => ({ ...group, color: `var(--series-${Math.min(i, 7) + 1})` }))
}

export interface StepTotals {
  count: number
  /** Of all dispatches. */
  gpuMs: number
  /** From the begin of the first one to the end of the last. */
  spanMs: number
  /** Of the span, in which no dispatch ran. */
  gapMs: number
}

export function totalsOf(dispatches: readonly Dispatch[]): StepTotals {
  const intervals = dispatches
    .map(({ startMs, durationMs }) => ({ from: startMs, to: startMs + durationMs }))
    .sort((a, b) => a.from - b.from)
  const first = intervals[0]?.from ?? 0
  let reached = first
  let gapMs = 0
  for (const { from, to } of intervals) {
    gapMs += Math.max(0, from - reached)
    reached = Math.max(reached, to)
  }
  return {
    count: dispatches.length,
    gpuMs: sumOf(dispatches, 'durationMs'),
    spanMs: reached - first,
    gapMs,
  }
}

/** Browsers round the device's clock. The step between its readings; null where it is too fine to matter. */
export function clockStepMs(dispatches: readonly Dispatch[]): number | null {
  const readings = dispatches.flatMap(({ startMs, durationMs }) => [startMs, startMs + durationMs])
  readings.sort((a, b) => a - b)
  const noise = 1e-6
  const steps = readings.slice(1).flatMap((reading, i) => {
    const step = reading - readings[i]!
    return step > noise ? [step] : []
  })
  const least = Math.min(...steps)
  return dispatches.length >= 8 && Number.isFinite(least) && least >= 0.01 ? least : null
}

export type SortKey = 'name' | 'ms' | 'count' | 'flops' | 'bytes' | 'peak'

const measures: Record<Exclude<SortKey, 'name'>, (group: KernelGroup) => number> = {
  ms: ({ ms }) => ms,
  count: ({ members }) => members.length,
  flops: ({ rates }) => rates.flopsPerSecond ?? -1,
  bytes: ({ rates }) => rates.bytesPerSecond ?? -1,
  peak: ({ rates }) => rates.ofPeak?.share ?? -1,
}

/** Names from a to z, numbers from the greatest; `isReversed` the other way round. */
export function sortGroups(groups: readonly KernelGroup[], key: SortKey, isReversed: boolean): KernelGroup[] {
  const compare =
    key === 'name'
      ? (a: KernelGroup, b: KernelGroup) => a.name.localeCompare(b.name, 'en')
      : (a: KernelGroup, b: KernelGroup) => measures[key](b) - measures[key](a)
  return groups.toSorted((a, b) => (isReversed ? -1 : 1) * compare(a, b))
}

function sumOf(dispatches: readonly Dispatch[], key: 'durationMs' | 'flops' | 'bytes'): number {
  return dispatches.reduce((sum, dispatch) => sum + dispatch[key], 0)
}

function perSecond(amount: number, ms: number): number | null {
  return amount > 0 && ms > 0 ? (amount * 1000) / ms : null
}
