import { describeAdapter } from '../../src/engine/backend/deviceInfo.ts'
import { createDevice } from '../../src/engine/backend/createDevice.ts'
import { medianProfile } from '../../src/engine/training/medianProfile.ts'
import { createTrainSession } from '../../src/engine/training/trainSession.ts'
import type { StepProfile } from '../../src/engine/training/types.ts'
import { groupKernels, totalsOf } from '../../src/ui/performance/kernels.ts'
import { hyper } from './hyper.ts'
import type { BenchModel, Precision } from './models/benchModel.ts'

const warmUpSteps = 3
const timedSteps = 9

export interface ProfileResult {
  readonly adapter: string
  readonly model: BenchModel
  readonly profile: StepProfile
}

/** Where the time of a step goes: each dispatch the median of nine steps, by the device's own clock. */
export async function profileModel(
  gpu: GPU,
  model: BenchModel,
  precision: Precision,
): Promise<ProfileResult> {
  const device = await createDevice({ backend: 'webgpu', gpu })
  try {
    const { config, facts, batch } = model.workload(precision)
    const session = createTrainSession({ device, config, facts })
    await session.prepareStep(() => {})
    const request = (step: number) => ({
      step,
      stageStep: step,
      batches: [batch(step)],
      learningRate: hyper.learningRate,
    })
    for (let step = 0; step < warmUpSteps; step++) await session.step(request(step)).read()
    const profiles: StepProfile[] = []
    for (let step = warmUpSteps; step < warmUpSteps + timedSteps; step++) {
      const startedAt = performance.now()
      const { pending, profile } = session.stepTimed(request(step))
      pending.discard()
      const hostMs = performance.now() - startedAt
      profiles.push({ ...(await profile), hostMs, dataMs: 0 })
    }
    session.dispose()
    device.throwIfFailed()
    return { adapter: describeAdapter(await adapterOf(gpu)).name, model, profile: medianProfile(profiles) }
  } finally {
    device.dispose()
  }
}

async function adapterOf(gpu: GPU): Promise<GPUAdapter> {
  return (await gpu.requestAdapter({ powerPreference: 'high-performance' }))!
}

/** For people: kernels, those first that take longest, with what they reach. */
export function profileLines({ adapter, model, profile }: ProfileResult): string[] {
  const { dispatches, peaks } = profile
  const head = [`adapter: ${adapter}`, `${model.name}: ${model.shape}`]
  if (dispatches === null) return [...head, 'This adapter tells no times of its own (no timestamp-query).']
  const { count, gpuMs, gapMs } = totalsOf(dispatches)
  const rate = (value: number | null): string => (value === null ? '' : (value / 1e9).toFixed(1))
  const rows = groupKernels(dispatches, peaks).map(({ name, members, ms, share, rates }) => [
    name,
    String(members.length),
    ms.toFixed(2),
    `${(share * 100).toFixed(1)}`,
    rate(rates.flopsPerSecond),
    rate(rates.bytesPerSecond),
    rates.ofPeak ? `${(rates.ofPeak.share * 100).toFixed(0)} ${rates.ofPeak.bound}` : '',
  ])
  const titles = ['kernel', 'dispatches', 'ms', '%', 'GFLOP/s', 'GB/s', '% of peak']
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  return [
    ...head,
    `${count} dispatches, ${gpuMs.toFixed(1)} ms on the device, ${gapMs.toFixed(1)} ms between them; ` +
      (peaks === null
        ? 'no peaks were measured'
        : `peaks ${rate(peaks.flopsPerSecond)} GFLOP/s and ${rate(peaks.bytesPerSecond)} GB/s`),
    ...[titles, ...rows].map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    ),
  ]
}
