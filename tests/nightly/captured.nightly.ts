import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fields } from '../../src/core/schema.ts'
import { createDevice, type EngineDevice } from '../../src/engine/backend/createDevice.ts'
import { losses } from '../../src/engine/losses/registry.ts'
import { models } from '../../src/engine/models/registry.ts'
import { optimizers } from '../../src/engine/optim/registry.ts'
import { checkConfig } from '../../src/engine/tasks/checkConfig.ts'
import { tasks } from '../../src/engine/tasks/registry.ts'
import { createTrainSession, type StepReadings } from '../../src/engine/training/trainSession.ts'
import { bitsOf, engineConfig, type EngineSettings } from '../helpers/engineConfig.ts'
import { gpuForTests } from '../helpers/gpu.ts'
import { variantsOf } from '../helpers/lossRuns.ts'
import { randomTaskBatch, smallFacts } from '../helpers/taskBatch.ts'
import { taskSettings } from '../helpers/taskConfigs.ts'

type Settings = NonNullable<EngineSettings['model']>

const gpu = await gpuForTests()
const title = `50 captured steps${gpu ? '' : ': skipped, there is no WebGPU adapter'}`

/** The same settings with every rate of dropout that the model has, wherever it has it. */
function withDropout(fields: Fields, settings: Settings): Settings {
  const entries = Object.entries(fields).flatMap(([name, field]): [string, unknown][] => {
    if (field.type === 'number' && /^drop\w*Rate$/.test(name)) return [[name, 0.2]]
    if (field.type !== 'group') return []
    return [[name, withDropout(field.fields, (settings[name] ?? {}) as Settings)]]
  })
  return { ...settings, ...Object.fromEntries(entries) }
}

/** Everything at once that changes from step to step: masks of dropout, sums of two batches, a norm that is too large. */
function busy({ model = {}, stage, ...settings }: EngineSettings, changes: Settings = {}): EngineSettings {
  const { fields } = models.get(String(model['kind']))
  const average = { weightAverage: { isEnabled: true, decay: 0.9 } }
  const own = { accumulationSteps: 2, gradClipNorm: 0.1, ...average, ...changes }
  return { ...settings, model: withDropout(fields, model), stage: { ...stage, ...own } }
}

const gpt = taskSettings.find(([name]) => name === 'language-model with gpt')![1]

const ofModels = taskSettings.map(([name, settings]) => [name, busy(settings)] as const)

const ofOptimizers = optimizers.all.map(
  ({ id }) => [`language-model with gpt by ${id}`, busy(gpt, { optimizer: { kind: id } })] as const,
)

/** Losses in each way in which they keep or learn something, or ask a teacher. */
const remembering = losses.all.flatMap(variantsOf).filter(({ loss, params }) => {
  const state = loss.state(params, { width: 1, batchSize: 4 })
  return Object.keys({ ...state, ...loss.scalars(params) }).length > 0 || loss.accepts === 'views'
})

const isOffered = (id: string) => tasks.all.some((task) => task.losses.includes(id))

/** Each in the first task that trains with nothing else. */
const ofLosses = remembering.flatMap(({ title: name, loss, params }) => {
  const all = taskSettings
    .filter(([, { task }]) => tasks.get(task!).losses.includes(loss.id))
    .map(([place, settings]) => {
      const own = busy(settings, { losses: [{ name: loss.id, params }] })
      return { name: `${place} by ${name}`, loss: loss.id, settings: own }
    })
  return all.filter(({ settings }) => checkConfig(engineConfig(settings)).length === 0).slice(0, 1)
})

/** What was read of every step, and the bits of all that is kept after the last one. */
async function train(device: EngineDevice, settings: EngineSettings, isEager: boolean) {
  const config = engineConfig(settings)
  const session = createTrainSession({ device, config, facts: smallFacts, isEager })
  const readings: StepReadings[] = []
  for (let step = 0; step < 50; step++) {
    const batches = [2 * step, 2 * step + 1].map((seed) => randomTaskBatch(config, { batchSize: 4, seed }))
    readings.push(await session.step({ step, stageStep: step, batches, learningRate: 5e-3 }).read())
  }
  const bits = bitsOf(await session.exportState())
  const { refusal } = session
  session.dispose()
  device.trim()
  return { readings, bits, refusal }
}

describe.skipIf(gpu === null)(title, () => {
  let device: EngineDevice
  beforeAll(async () => {
    device = await createDevice({ backend: 'webgpu', gpu })
  })
  afterAll(() => device.dispose())

  it('are of every model, every optimizer and every loss that remembers', () => {
    const kinds = new Set(ofModels.map(([, { model }]) => model!['kind']))
    expect(kinds).toEqual(new Set(models.all.map(({ id }) => id)))
    expect(ofOptimizers).toHaveLength(optimizers.all.length)
    const offered = remembering.map(({ loss }) => loss.id).filter(isOffered)
    expect(new Set(ofLosses.map(({ loss }) => loss))).toEqual(new Set(offered))
    expect(offered).toContain('moco')
  })

  it.each([...ofModels, ...ofOptimizers, ...ofLosses.map(({ name, settings }) => [name, settings] as const)])(
    '%s: equal eager ones, bit for bit, with dropout, accumulation, clipping and averages',
    async (_name, settings) => {
      const eager = await train(device, settings, true)
      const captured = await train(device, settings, false)
      expect(captured).toEqual(eager)
      expect(captured.refusal).toBeNull()
      for (const { loss, gradNorm } of captured.readings) {
        expect(loss).not.toBeNaN()
        expect(gradNorm).toBeGreaterThan(0)
      }
      device.throwIfFailed()
    },
    1_800_000,
  )
})
