import { describe, expect, it } from 'vitest'
import { bitsOf, engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { describeOnFastest } from '../../../tests/helpers/gpu.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import type { DataFacts } from '../../core/dataFacts.ts'
import { readSafetensors } from '../../core/safetensors/read.ts'
import { writeSafetensors } from '../../core/safetensors/write.ts'
import { createDevice } from '../backend/createDevice.ts'
import { models } from '../models/registry.ts'
import { createTrainSession, type TrainSession } from '../training/trainSession.ts'
import { checkFacts } from './checkFacts.ts'
import { tasks } from './registry.ts'

const twoClasses: DataFacts = { ...smallFacts, classes: ['ant', 'bee'], classCounts: [6, 2] }
/** What is to be said is a class, not a text. */
const { targetTokens: _written, ...ofClasses } = smallFacts

type Entry = { name: string; params?: Record<string, unknown> }

const configOf = (id: string, losses: readonly Entry[]) => {
  const kind = tasks.get(id).models[0]!
  return engineConfig({
    task: id,
    data: { augmentations: [{ kind: 'any' }] },
    model: { kind, ...models.get(kind).tiny },
    stage: { batchSize: 4, losses, weightAverage: { isEnabled: true, decay: 0.9 } },
  })
}

const batchOf = (
  { config, facts = twoClasses }: { config: TrainSession['config']; facts?: DataFacts },
  seed = 1,
) => randomTaskBatch(config, { batchSize: 4, seed }, facts)

/** As many as a stage may have. */
const mostLosses = 16
const cases = tasks.all.flatMap(({ id, losses }) =>
  Array.from({ length: Math.ceil(losses.length / mostLosses) }, (_, part) => {
    const some = losses.slice(part * mostLosses, (part + 1) * mostLosses)
    return [`${id}: ${some.join(', ')}`, id, some] as const
  }),
)

describe('every task', () => {
  it.each(cases)(
    'gives each loss that it offers what it needs, and goes on from its state: %s',
    async (_title, id, names) => {
      const device = await createDevice({ backend: 'cpu', gpu: null })
      const config = configOf(
        id,
        names.map((name) => ({ name })),
      )
      const session = createTrainSession({ device, config, facts: twoClasses })
      const request = { step: 0, stageStep: 0, batches: [batchOf({ config })], learningRate: 1e-3 }
      const { loss, parts } = await session.step(request).read()
      expect(loss).toSatisfy(Number.isFinite)
      if (names.length > 1) expect(Object.keys(parts)).toEqual(expect.arrayContaining([...names]))
      // What they keep and learn goes on from a checkpoint to the bit.
      const resumed = createTrainSession({ device, config, facts: twoClasses })
      resumed.importState(readSafetensors(writeSafetensors(await session.exportState(), {})).tensors, 'all')
      const next = { ...request, step: 1, stageStep: 1, batches: [batchOf({ config }, 2)] }
      for (const each of [session, resumed]) await each.step(next).read()
      expect(bitsOf(await resumed.exportState())).toEqual(bitsOf(await session.exportState()))
      resumed.dispose()
      session.dispose()
      device.dispose()
    },
  )
})

await describeOnFastest('losses of the same thing', (device) => {
  const lossOf = async (id: string, loss: Entry, facts = twoClasses) => {
    const config = configOf(id, [loss])
    const session = createTrainSession({ device: device(), config, facts })
    const { loss: value } = await session.evaluate(batchOf({ config, facts }))
    session.dispose()
    return value
  }

  it.each(['table-classification', 'image-text-matching'])(
    'by yes or no, or by two classes, are equal: %s',
    async (id) => {
      const [binary, classes] = [
        await lossOf(id, { name: 'binary-cross-entropy' }),
        await lossOf(id, { name: 'cross-entropy' }),
      ]
      expect(binary).toBeCloseTo(classes, 5)
    },
  )

  it('by sequences, without doubt, or by tokens are equal', async () => {
    const params = { labelSmoothing: 0 }
    const sequences = await lossOf('translation', { name: 'sequence-cross-entropy', params })
    expect(sequences).toBeCloseTo(await lossOf('translation', { name: 'cross-entropy', params }), 5)
  })

  it('with class weights are recorded as they are computed', async () => {
    const config = configOf('table-classification', [
      { name: 'cross-entropy', params: { classWeights: 'effective-number', effectiveBeta: 0.9 } },
    ])
    const results = await Promise.all(
      [true, false].map(async (isEager) => {
        const session = createTrainSession({ device: device(), config, facts: smallFacts, isEager })
        const losses: number[] = []
        for (let step = 0; step < 4; step++) {
          const batches = [batchOf({ config, facts: smallFacts }, step)]
          losses.push(
            (await session.step({ step, stageStep: step, batches, learningRate: 1e-2 }).read()).loss,
          )
        }
        const { refusal } = session
        const state = bitsOf(await session.exportState())
        session.dispose()
        return { losses, state, refusal }
      }),
    )
    expect(results[1]).toEqual({ ...results[0], refusal: null })
  })
})

describe('a loss that the data cannot give', () => {
  it('is refused by name: yes or no of three classes, weights of classes that nobody counted', () => {
    const binary = configOf('table-classification', [{ name: 'binary-focal' }])
    expect(() => checkFacts(binary, ofClasses)).toThrow(
      /stages\[0\]\.losses: binary-focal .* 2 classes, got 3/,
    )
    expect(() => checkFacts(binary, { ...ofClasses, classes: ['ant', 'bee'] })).not.toThrow()
    const weighted = (id: string) =>
      configOf(id, [{ name: 'cross-entropy', params: { classWeights: 'balanced' } }])
    const { classCounts: _counts, ...uncounted } = ofClasses
    const refusal = /stages\[0\]\.losses: cross-entropy is to weigh classes .* set its weights to none/
    expect(() => checkFacts(weighted('table-classification'), uncounted)).toThrow(refusal)
    for (const id of ['language-model', 'image-text-matching'])
      expect(() => checkFacts(weighted(id), ofClasses)).toThrow(refusal)
    expect(() => checkFacts(weighted('table-classification'), ofClasses)).not.toThrow()
  })

  it('is balanced by the shares of labels, where somebody counted them', () => {
    const balanced = configOf('multi-label-classification', [
      { name: 'binary-cross-entropy', params: { isBalanced: true } },
    ])
    expect(() => checkFacts(balanced, smallFacts)).not.toThrow()
    const { labelShares: _shares, ...uncounted } = smallFacts
    expect(() => checkFacts(balanced, uncounted)).toThrow(/nobody counted/)
  })
})
