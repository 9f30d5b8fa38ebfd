import { runData } from '../../workers/runData.ts'
import { median } from '../../src/core/median.ts'
import type { ConfigValue } from '../../src/core/schema.ts'
import { parseRunConfig } from '../../src/core/runConfig.ts'
import { createDevice } from '../../src/engine/backend/createDevice.ts'
import { createTrainSession, type Batch } from '../../src/engine/training/trainSession.ts'
import { loadData, prepareData } from '../../src/headless/loadData.ts'
import { runSchema } from '../../src/headless/resolveConfig.ts'

/** How much of a run's time goes into waiting for its data. */
export interface InputResult {
  readonly preset: string
  /** Medians of an update: with batches made as the trainer makes them, and with the same one again and again. */
  readonly stepMs: number
  readonly fixedMs: number
  /** What making the batches of an update takes by itself. */
  readonly batchMs: number
  /** Of the time of an update; 0 where the difference is within the noise. */
  readonly waitingShare: number
}

const updatesOfRound = 12
const rounds = 7

/** Trains a preset for some rounds with its own data, and as many with one batch, in turns. */
export async function measureInput(
  gpu: GPU,
  { id, config: partial }: { readonly id: string; readonly config: ConfigValue },
): Promise<InputResult> {
  const config = parseRunConfig(runSchema(), partial)
  const { prepared } = await prepareData(config, await loadData(config, []))
  const data = runData(prepared, config)
  const device = await createDevice({ backend: 'webgpu', gpu })
  const session = createTrainSession({ device, config, facts: data.facts })
  try {
    await session.prepareStep(() => {})
    const { batchSize, accumulationSteps } = config.stages[0]!
    const batchesOf = (step: number): Batch[] =>
      Array.from({ length: accumulationSteps }, (_, microStep) =>
        data.trainBatch({ step, stageIndex: 0, stageStep: step, microStep, accumulationSteps, batchSize }),
      )
    const fixed = batchesOf(0)
    let step = 0
    const [withData, without, alone]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round <= rounds; round++) {
      for (const isFixed of round % 2 === 0 ? [true, false] : [false, true]) {
        const startedAt = performance.now()
        let ahead = isFixed ? fixed : batchesOf(step)
        for (let i = 0; i < updatesOfRound; i++, step++) {
          const pending = session.step({ step, stageStep: step, batches: ahead, learningRate: 1e-4 })
          const madeAt = performance.now()
          // As the trainer: the next ones while the device computes.
          if (!isFixed && i + 1 < updatesOfRound) ahead = batchesOf(step + 1)
          if (!isFixed && round > 0) alone.push(performance.now() - madeAt)
          await pending.read()
        }
        // The first round warms up.
        if (round > 0) (isFixed ? without : withData).push((performance.now() - startedAt) / updatesOfRound)
      }
    }
    const [stepMs, fixedMs] = [median(withData), median(without)]
    return {
      preset: id,
      stepMs,
      fixedMs,
      batchMs: median(alone),
      waitingShare: Math.max(0, (stepMs - fixedMs) / stepMs),
    }
  } finally {
    session.dispose()
    device.dispose()
  }
}

export function inputLines(adapter: string, results: readonly InputResult[]): string[] {
  const columns = ['preset', 'ms/step', 'same batch', 'ms/batch', 'waiting']
  const rows = results.map(({ preset, stepMs, fixedMs, batchMs, waitingShare }) => [
    preset,
    stepMs.toFixed(2),
    fixedMs.toFixed(2),
    batchMs.toFixed(2),
    `${(waitingShare * 100).toFixed(1)} %`,
  ])
  const widths = columns.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  return [
    `adapter: ${adapter}`,
    `input: medians of ${rounds} rounds of ${updatesOfRound} updates`,
    ...[columns, ...rows].map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    ),
  ]
}
