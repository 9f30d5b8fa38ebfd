import { dataWithoutItems } from '../../../tests/helpers/tokenBatch.ts'
import { expect, it } from 'vitest'
import { bitsOf, engineConfig, randomBatch } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { models } from '../models/registry.ts'
import { phaseStart } from '../optim/components.ts'
import type { RunData, TrainHost } from './runContext.ts'
import { freshProgress, trainRun } from './trainRun.ts'
import { createTrainSession, type TrainSession } from './trainSession.ts'

const vocabSize = 11
const batchAt = (seed: number) => randomBatch({ batchSize: 3, seqLen: 12, vocabSize, seed })

/** @param validation token batch of each validation, counted from 0 */
const dataOf = (validation: (index: number) => number): RunData => {
  let asked = 0
  return {
    facts: { vocabSize },
    ...dataWithoutItems,
    trainBatch: ({ step }) => batchAt(step),
    validationBatches: () => 1,
    validationBatch: () => batchAt(validation(asked++)),
    text: null,
  }
}

interface Saved {
  readonly step: number
  readonly tensors: NamedTensors
}

await describeOnDevices('a stage', (device) => {
  const open = (config: RunConfig): TrainSession =>
    createTrainSession({ device: device(), config, facts: { vocabSize } })

  /** Runs to the end, or to `limit`; all that it kept, by slot, and its notices. */
  async function run(
    session: TrainSession,
    {
      progress = freshProgress(),
      limit = null as number | null,
      data = dataOf(() => 90),
      best = null as Saved | null,
    } = {},
  ) {
    const kept = { latest: [] as Saved[], best: [] as Saved[] }
    const host: TrainHost = {
      now: () => 0,
      loadBest: () => Promise.resolve(best),
      saveCheckpoint({ slot, progress: at, tensors }) {
        kept[slot].push({ step: at.step, tensors })
        return Promise.resolve({ sizeBytes: 1 })
      },
    }
    const controls = { learningRate: null, demands: new Set<never>() }
    const { config } = session
    const notices: string[] = []
    for await (const events of trainRun({ session, config, data, host, controls, progress, limit }))
      for (const event of events) if (event.type === 'notice') notices.push(event.title)
    return { ...kept, notices, progress, state: bitsOf(await session.exportState()) }
  }

  const unfreezing = engineConfig({
    stage: {
      totalSteps: 9,
      evaluateEvery: 9,
      components: [
        { match: 'transformer.h.0', isFrozen: true, unfreezeAt: 3 },
        { match: 'transformer.wte', isFrozen: true, unfreezeAt: 6 },
      ],
      weightAverage: { isEnabled: true, decay: 0.5 },
    },
    evaluation: { checkpointEvery: 1 },
  })

  it('leaves weights alone until they are unfrozen, and goes on from any step with the same bits', async () => {
    const whole = open(unfreezing)
    const { latest, state } = await run(whole)
    const weightAt = (step: number, name: string) =>
      [...latest.find((one) => one.step === step)!.tensors.get(name)!.data].join()
    const block = 'transformer.h.0.attn.c_attn.weight'
    const words = 'transformer.wte.weight'
    expect(weightAt(3, block)).toBe(weightAt(1, block))
    expect(weightAt(4, block)).not.toBe(weightAt(3, block))
    expect(weightAt(6, words)).toBe(weightAt(1, words))
    expect(weightAt(7, words)).not.toBe(weightAt(6, words))
    whole.dispose()
    const { components } = unfreezing.stages[0]!
    for (const step of [2, 3, 4, 6]) {
      const session = open(unfreezing)
      session.enterStage(0, phaseStart(components, step - 1))
      session.importState(latest.find((one) => one.step === step)!.tensors, 'all')
      const progress = { ...freshProgress(), step, stageStep: step }
      expect((await run(session, { progress })).state, `from step ${step}`).toEqual(state)
      session.dispose()
    }
  })

  it('counts losses by the weights that are set by hand, with the bits of a configuration that has them', async () => {
    const weighing = (weights: number[]) =>
      engineConfig({
        task: 'table-classification',
        model: { kind: 'mlp', ...models.get('mlp').tiny },
        stage: {
          batchSize: 4,
          losses: ['cross-entropy', 'focal'].map((name, i) => ({ name, weight: weights[i] })),
        },
      })
    const states: string[][] = []
    for (const [own, byHand] of [
      [[1, 0.5], undefined],
      [
        [2, 3],
        [1, 0.5],
      ],
      [[2, 3], undefined],
    ] as const) {
      const config = weighing([...own])
      const session = createTrainSession({ device: device(), config, facts: smallFacts })
      for (let step = 0; step < 3; step++) {
        const request = {
          step,
          stageStep: step,
          batches: [randomTaskBatch(config, { batchSize: 4, seed: step })],
          learningRate: 0.01,
        }
        await session.step({ ...request, ...(byHand && { lossWeights: byHand }) }).read()
      }
      states.push([JSON.stringify(bitsOf(await session.exportState()))])
      session.dispose()
    }
    expect(states[1]).toEqual(states[0])
    expect(states[2]).not.toEqual(states[0])
  })

  const stopping = (change: { isEnabled?: boolean; restoresBest?: boolean } = {}) =>
    engineConfig({
      stage: {
        totalSteps: 8,
        evaluateEvery: 2,
        optimizer: { kind: 'adamw', learningRate: 0.02 },
        earlyStopping: { isEnabled: true, patience: 2, ...change },
      },
      evaluation: { checkpointEvery: 100 },
    })
  /** The best validation is the first: later ones ask for what nobody taught. */
  const worsening = () => dataOf((index) => (index === 0 ? 1 : 500 + index))

  it('ends with its best weights, early or not, unless told otherwise', async () => {
    const session = open(stopping())
    const { best, latest, notices, progress } = await run(session, { data: worsening() })
    expect(progress.best!.step).toBeLessThan(progress.step)
    expect(notices.slice(-2)).toEqual(['Stopped early', 'Back to the best'])
    const weight = 'transformer.wte.weight'
    const of = ({ tensors }: Saved) => [...tensors.get(weight)!.data]
    expect(of(latest.at(-1)!)).toEqual(of(best.at(-1)!))
    session.dispose()
    const other = open(stopping({ restoresBest: false }))
    const plain = await run(other, { data: worsening() })
    expect(plain.notices.at(-1)).toBe('Stopped early')
    expect(of(plain.latest.at(-1)!)).not.toEqual(of(plain.best.at(-1)!))
    other.dispose()
  })

  it('finds what an earlier session kept, and says when it is gone', async () => {
    const first = open(stopping())
    const { best, latest, progress } = await run(first, { data: worsening(), limit: 3 })
    first.dispose()
    for (const found of [best.at(-1)!, null]) {
      const session = open(stopping())
      session.importState(latest.at(-1)!.tensors, 'all')
      const asked = { progress: structuredClone(progress), data: dataOf((index) => 600 + index), best: found }
      const { notices } = await run(session, asked)
      expect(notices.at(-1)).toBe(found ? 'Back to the best' : 'The best weights are gone')
      session.dispose()
    }
  })
})
