import type { Series } from '../../runs/series.ts'
import type { MeasuredStep } from './kernels.ts'
import { splitLabel } from './kernels.ts'

/** One entry of Chrome's trace event format; times in µs. */
export type TraceEvent =
  | {
      ph: 'X'
      name: string
      cat: string
      pid: number
      tid: number
      ts: number
      dur: number
      args: Record<string, number | string>
    }
  | { ph: 'C'; name: string; pid: number; tid: number; ts: number; args: { bytes: number } }
  | { ph: 'M'; name: 'process_name' | 'thread_name'; pid: number; tid: number; args: { name: string } }

export interface Trace {
  traceEvents: TraceEvent[]
  displayTimeUnit: 'ms'
  metadata: Record<string, unknown>
}

export interface TraceContext {
  runName: string
  adapter: string
  /** Bytes that the device held, over the time of the run. */
  memory: Pick<Series, 'steps' | 'values' | 'elapsedMs'>
}

const pid = 1
const hostRow = 1
const firstGpuRow = 2

/**
 * A measured step for Perfetto or chrome://tracing: the host's work on one row, the GPU's dispatches on the next; those
 * that overlap go on further rows, since entries of one row must not. The two clocks are not the same one: the GPU is
 * drawn from where the host has submitted. Memory is a curve over the whole run; the step lies where it was measured.
 */
export function toTrace({ step, profile }: MeasuredStep, { runName, adapter, memory }: TraceContext): Trace {
  const begun = toNanoseconds(timeOf(step, memory))
  const submitted = begun + toNanoseconds(profile.hostMs)
  const spans = (profile.dispatches ?? [])
    .map((dispatch, index) => ({
      dispatch,
      index,
      from: submitted + toNanoseconds(dispatch.startMs),
      to: submitted + toNanoseconds(dispatch.startMs + dispatch.durationMs),
    }))
    .sort((a, b) => a.from - b.from || a.index - b.index)

  const rowEnds: number[] = []
  const dispatches = spans.map(({ dispatch, index, from, to }): TraceEvent => {
    const free = rowEnds.findIndex((end) => end <= from)
    const row = free < 0 ? rowEnds.length : free
    rowEnds[row] = to
    const { label, durationMs, flops, bytes } = dispatch
    const rate = (amount: number) => amount / (durationMs * 1e6)
    return {
      ph: 'X',
      name: splitLabel(label).name,
      cat: 'gpu',
      pid,
      tid: firstGpuRow + row,
      ts: from / 1000,
      dur: (to - from) / 1000,
      args: {
        label,
        index,
        bytes,
        ...(durationMs > 0 && { 'GB/s': rate(bytes) }),
        ...(flops > 0 && { flops }),
        ...(flops > 0 && durationMs > 0 && { 'GFLOP/s': rate(flops) }),
      },
    }
  })
  const rows = Math.max(1, rowEnds.length)
  const named = (name: 'process_name' | 'thread_name', tid: number, text: string): TraceEvent => ({
    ph: 'M',
    name,
    pid,
    tid,
    args: { name: text },
  })
  const host: TraceEvent = {
    ph: 'X',
    name: 'write inputs, encode, submit',
    cat: 'host',
    pid,
    tid: hostRow,
    ts: begun / 1000,
    dur: (submitted - begun) / 1000,
    args: { step: 'an ordinary one, not the timed one' },
  }
  return {
    traceEvents: [
      named('process_name', 0, `${runName}, step ${step}`),
      named('thread_name', hostRow, 'JavaScript'),
      ...Array.from({ length: rows }, (_, row) =>
        named('thread_name', firstGpuRow + row, row === 0 ? `GPU: ${adapter}` : `GPU, overlapping ${row}`),
      ),
      ...memoryCurve(memory),
      host,
      ...dispatches,
    ],
    displayTimeUnit: 'ms',
    metadata: {
      producer: 'Bunsen',
      adapter,
      run: runName,
      step,
      submits: profile.submits,
      clocks:
        'The GPU row begins where the host has submitted; the two clocks are not the same one. The step lies at the run’s time, pauses left out.',
      memoryBytes: { ...profile.memory },
      unplannedWorkspaceBytes: profile.unplannedBytes,
      leastWorkspaceBytes: profile.lowerBoundBytes,
      peaks: profile.peaks,
    },
  }
}

/** Milliseconds of the run at its last sample before the step was measured; 0 without one. */
function timeOf(step: number, { steps, elapsedMs }: TraceContext['memory']): number {
  return elapsedMs[steps.findLastIndex((at) => at <= step)] ?? 0
}

function memoryCurve({ values, elapsedMs }: TraceContext['memory']): TraceEvent[] {
  return Array.from(values, (bytes, i) => ({
    ph: 'C',
    name: 'Memory of the device',
    pid,
    tid: 0,
    ts: toNanoseconds(elapsedMs[i]!) / 1000,
    args: { bytes },
  }))
}

/** Whole ones, so that ends minus beginnings stay exact. */
function toNanoseconds(ms: number): number {
  return Math.round(ms * 1e6)
}
