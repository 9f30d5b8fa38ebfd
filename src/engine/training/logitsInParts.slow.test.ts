import { describe, expect, it } from 'vitest'
import {
  bitsOf,
  engineConfig,
  randomBatch,
  type EngineSettings,
} from '../../../tests/helpers/engineConfig.ts'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { cpuInfo } from '../backend/deviceInfo.ts'
import { createDevice } from '../backend/createDevice.ts'
import { areLogitsInParts } from './logitsInParts.ts'
import { memoryPlan } from './memoryPlan.ts'
import { createTrainSession, type TrainSession } from './trainSession.ts'

const gpu = await gpuForTests()
const hasHalf = (await gpu?.requestAdapter())?.features.has('shader-f16') ?? false

// 2,048 rows of 5,000: 41 MB of logits, in parts of 1,664 rows.
const vocabSize = 5000
const [batchSize, seqLen] = [64, 32]
const configOf = (budgetMegabytes: number, { model, stage }: EngineSettings = {}) =>
  engineConfig({
    model: { numLayers: 1, seqLen, ...model },
    stage: { batchSize, ...stage },
    memory: { budgetMegabytes, gradientCheckpointing: 'off' },
  })

describe('the rule for logits in parts', () => {
  const isInParts = (budget: number, rows: number) => {
    const config = configOf(budget, { stage: { batchSize: rows / seqLen } })
    return areLogitsInParts(config, config.stages[0]!, { vocabSize: 2 ** 15 })
  }

  it('keeps them whole up to 128 MiB, an eighth of a smaller budget, and 32 MiB in any case', () => {
    expect([isInParts(4096, 1024), isInParts(4096, 1056)]).toEqual([false, true])
    expect([isInParts(512, 480), isInParts(512, 512)]).toEqual([false, true])
    expect([isInParts(16, 256), isInParts(16, 288)]).toEqual([false, true])
  })

  it('leaves small vocabularies as they are, and shows in the plan', () => {
    const [whole, parts] = [4096, 16].map((budget) => memoryPlan(configOf(budget), { vocabSize }, cpuInfo))
    expect([whole!.areLogitsInParts, parts!.areLogitsInParts]).toEqual([false, true])
    expect(memoryPlan(configOf(16), { vocabSize: 65 }, cpuInfo).areLogitsInParts).toBe(false)
    expect(parts!.largest).toMatchObject({ name: 'logits', shape: [1664, vocabSize] })
    // Logits and their gradient, against one part and the gradients of rows and table.
    expect(whole!.activations + whole!.workspace - parts!.activations - parts!.workspace).toBeGreaterThan(
      40e6,
    )
  })
})

async function train(session: TrainSession, steps: number) {
  const losses: number[] = []
  for (let step = 0; step < steps; step++) {
    const batches = [randomBatch({ batchSize, seqLen, vocabSize, seed: step })]
    const { loss } = await session.step({ step, stageStep: step, batches, learningRate: 1e-2 }).read()
    losses.push(loss)
  }
  return { losses, bits: bitsOf(await session.exportState()) }
}

const variants: [string, EngineSettings, boolean][] = [
  ['tied head', {}, false],
  ['untied head', { model: { isHeadTied: false } }, false],
  ['mixed precision', { stage: { precision: 'mixed' } }, true],
]

describe.skipIf(gpu === null)(
  gpu === null ? 'a step with them: skipped, there is no WebGPU adapter' : 'a step with them',
  () => {
    for (const [name, settings, needsHalf] of variants) {
      const isLeftOut = needsHalf && !hasHalf
      it.skipIf(isLeftOut)(
        `replays bit for bit, learns like one with whole logits, in less memory: ${name}${isLeftOut ? ': skipped, the adapter has no shader-f16' : ''}`,
        { timeout: 240_000 },
        async () => {
          const device = await createDevice({ backend: 'webgpu', gpu })
          const open = (budget: number, isEager: boolean) =>
            createTrainSession({ device, config: configOf(budget, settings), facts: { vocabSize }, isEager })
          const [recorded, eager, whole] = [open(16, false), open(16, true), open(4096, false)]
          const results = await train(recorded, 4)
          expect(await train(eager, 4)).toEqual(results)
          expect(recorded.refusal).toBeNull()
          const others = await train(whole, 4)
          results.losses.forEach((loss, step) =>
            expect(Math.abs(loss - others.losses[step]!)).toBeLessThan(needsHalf ? 3e-3 : 1e-4),
          )
          const batch = randomBatch({ batchSize, seqLen, vocabSize, seed: 9 })
          expect((await recorded.evaluate(batch)).loss).toBe((await eager.evaluate(batch)).loss)
          const [parts, all] = [recorded.memory(), whole.memory()]
          expect(all.activations + all.workspace - parts.activations - parts.workspace).toBeGreaterThan(40e6)
          for (const session of [recorded, eager, whole]) session.dispose()
          device.throwIfFailed()
          device.dispose()
        },
      )
    }
  },
)
