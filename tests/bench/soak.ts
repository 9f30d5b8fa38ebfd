import { createDevice } from '../../src/engine/backend/createDevice.ts'
import { createTrainSession, type PendingReadings } from '../../src/engine/training/trainSession.ts'
import { GpuCounters } from './gpuCounters.ts'
import { median } from '../../src/core/median.ts'
import { hyper } from './hyper.ts'
import type { BenchModel } from './models/benchModel.ts'

/** What stood at the end of a stretch of steps. */
export interface SoakSample {
  readonly step: number
  /** Median of the stretch. */
  readonly stepMs: number
  /** GPU buffers made so far, and bytes of those that live. */
  readonly buffersMade: number
  readonly bufferBytes: number
  readonly tensors: number
  /** Of the process. */
  readonly residentBytes: number
  readonly loss: number
}

export interface SoakResult {
  readonly adapter: string
  readonly model: string
  readonly steps: number
  readonly samples: readonly SoakSample[]
  /** What is not as it should be, in words. */
  readonly faults: readonly string[]
}

const stretches = 20
/** Readings that wait on the device, as in a run. */
const readEvery = 10
/** The allocators of driver and JavaScript breathe; a leak of a few hundred bytes a step is beyond this. */
const residentSlackBytes = 48 * 2 ** 20
const mostDrift = 1.25

/** Many replayed steps of one model: memory must stay flat and steps must not become slower. */
export async function runSoak(
  gpu: GPU,
  { model, steps }: { model: BenchModel; steps: number },
  onSample: (sample: SoakSample) => void,
): Promise<SoakResult> {
  const counters = new GpuCounters()
  counters.install()
  const device = await createDevice({ backend: 'webgpu', gpu })
  try {
    const workload = model.workload()
    const { config, facts } = workload
    const session = createTrainSession({ device, config, facts })
    await session.prepareStep(() => {})
    const samples: SoakSample[] = []
    const stretch = Math.max(1, Math.floor(steps / stretches))
    let pending: PendingReadings[] = []
    let loss = Number.NaN
    let times: number[] = []
    let startedAt = performance.now()
    for (let step = 0; step < steps; step++) {
      // A thousand batches, again and again.
      const batches = [workload.batch(step % 1000)]
      pending.push(session.step({ step, stageStep: step, batches, learningRate: hyper.learningRate }))
      const isEnd = (step + 1) % stretch === 0
      if (pending.length === readEvery || isEnd) {
        const readings = await Promise.all(pending.map((each) => each.read()))
        loss = readings.at(-1)!.loss
        times.push((performance.now() - startedAt) / pending.length)
        pending = []
        startedAt = performance.now()
      }
      if (!isEnd) continue
      const sample: SoakSample = {
        step: step + 1,
        stepMs: median(times),
        buffersMade: counters.counts.newBuffers,
        bufferBytes: counters.memoryOf('').liveBytes,
        tensors: device.memory().tensors,
        residentBytes: process.memoryUsage().rss,
        loss,
      }
      samples.push(sample)
      onSample(sample)
      times = []
      startedAt = performance.now()
    }
    const { refusal } = session
    session.dispose()
    const faults = [...(refusal === null ? [] : [`not replayed: ${refusal}`]), ...faultsOf(samples)]
    return { adapter: device.info.name, model: model.name, steps, samples, faults }
  } finally {
    device.dispose()
    counters.uninstall()
  }
}

/** From the second stretch on: the first warms up. */
export function faultsOf(samples: readonly SoakSample[]): string[] {
  const steady = samples.slice(1)
  const [first, last] = [steady[0], steady.at(-1)]
  if (first === undefined || last === undefined) return []
  const faults: string[] = []
  const grown = (what: string, from: number, to: number, slack: number): void => {
    if (to - from > slack) faults.push(`${what} grew from ${from} to ${to}`)
  }
  grown('buffers made', first.buffersMade, last.buffersMade, 0)
  grown('bytes of buffers', first.bufferBytes, last.bufferBytes, 0)
  grown('tensors', first.tensors, last.tensors, 0)
  grown('resident bytes', first.residentBytes, last.residentBytes, residentSlackBytes)
  const quarter = Math.ceil(steady.length / 4)
  const stepMs = (part: readonly SoakSample[]): number => median(part.map((sample) => sample.stepMs))
  const drift = stepMs(steady.slice(-quarter)) / stepMs(steady.slice(0, quarter))
  if (drift > mostDrift) faults.push(`steps took ${drift.toFixed(2)} times as long at the end`)
  if (!samples.every((sample) => Number.isFinite(sample.loss))) faults.push('a loss was not finite')
  return faults
}
