import type { Lab } from '../../runs/lab.svelte.ts'
import { formatCount, formatNumber, formatSize } from '../format.ts'
import { groupKernels, totalsOf, type Dispatch, type MeasuredStep } from './kernels.ts'

type Device = Pick<NonNullable<Lab['device']>, 'backend' | 'features'>

/** `12.32 ms`; with `stepMs`, what is below the clock's step is told as such. */
export function formatMs(ms: number, stepMs: number | null = null): string {
  if (ms === 0 && stepMs !== null) return `< ${Number(stepMs.toPrecision(3))} ms`
  return `${formatNumber(ms)} ms`
}

/** Milliseconds for a column of them: as many decimals as the greatest needs. */
export function msColumn(greatestMs: number): (ms: number) => string {
  const decimals = greatestMs >= 100 ? 1 : greatestMs >= 10 ? 2 : 3
  return (ms) => ms.toFixed(decimals)
}

/** A share of one, which may be above it: `62 %`, `0.4 %`. */
export function formatShare(share: number): string {
  const percent = share * 100
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)}\u202f%`
}

/** The line that is always in view: `step 240: 12.3 ms on the GPU, 94 dispatches, 0.42 ms JavaScript`. */
export function headline({ step, profile }: MeasuredStep): string {
  const parts: string[] = []
  if (profile.dispatches !== null) {
    const { gpuMs, count } = totalsOf(profile.dispatches)
    parts.push(`${formatMs(gpuMs)} on the GPU`, `${formatCount(count)} dispatches`)
  }
  const host = hostTime({ step, profile })
  if (host !== null) parts.push(`${host} JavaScript`)
  if (profile.dispatches === null) parts.push(`${formatSize(heldBytes(profile))} held`)
  return `step ${formatCount(step)}: ${parts.join(', ')}`
}

/** Of an ordinary step: null where none came before. Pages have clocks of 0.1 ms. */
export function hostTime({ step, profile }: MeasuredStep): string | null {
  return step === 1 ? null : formatMs(profile.hostMs, 0.1)
}

/** Of the batches of the next step, which are made while the device computes. */
export function dataTime({ profile }: MeasuredStep): string | null {
  return profile.dataMs === undefined ? null : formatMs(profile.dataMs, 0.1)
}

/** The step in sentences. */
export function summaryOf(dispatches: readonly Dispatch[]): string {
  const { gpuMs, spanMs, gapMs, count } = totalsOf(dispatches)
  if (gpuMs === 0)
    return `${formatCount(count)} dispatches, each too short for the clock that the browser gives.`
  const most = groupKernels(dispatches, null)
    .slice(0, 3)
    .map(({ name, share }) => `${name} ${formatShare(share)}`)
  return `${formatCount(count)} dispatches took ${formatMs(gpuMs)} of ${formatMs(spanMs)}, with ${formatMs(gapMs)} between them. Most of it: ${most.join(', ')}.`
}

/** Why the kernels of a measured step have no times. `device` null: the run is of another visit. */
export function whyNoTimes(device: Device | null): string {
  if (device?.backend === 'cpu')
    return 'This run trains on the CPU, where there are no GPU kernels to time. What can be told is below.'
  if (device && !device.features.includes('timestamp-query'))
    return 'This adapter has no timestamps (the WebGPU feature “timestamp-query”), so its kernels cannot be timed. What can be told is below.'
  return 'The step ran one operation after the other, not as a recording, so its kernels were not timed. What can be told is below.'
}

export function heldBytes({ memory }: MeasuredStep['profile']): number {
  const { parameters, gradients, optimizer, activations, workspace, other } = memory
  return parameters + gradients + optimizer + activations + workspace + other
}
