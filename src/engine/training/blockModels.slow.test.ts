import { describe, expect, it } from 'vitest'
import { bitsOf, engineConfig, type EngineSettings } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices, gpuForTests } from '../../../tests/helpers/gpu.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import { createDevice } from '../backend/createDevice.ts'
import { models } from '../models/registry.ts'
import { tasks } from '../tasks/registry.ts'
import { areLogitsInParts } from './logitsInParts.ts'
import { createTrainSession, type TrainSession } from './trainSession.ts'

// What the tests of GPT say of gradient checkpointing, mixed precision and logits in parts, of the other stacks of blocks.

const gpu = await gpuForTests()
const hasHalf = (await gpu?.requestAdapter())?.features.has('shader-f16') ?? false
const [batchSize, learningRate] = [4, 1e-3]

const cases: [string, string][] = [
  ['image-classification', 'vit'],
  ['image-text', 'dual-encoder'],
  ['translation', 'encoder-decoder'],
  ['text-classification', 'encoder'],
  ['masked-language-model', 'encoder'],
  ['image-text-matching', 'fusion'],
]

function configOf([task, kind]: [string, string], { model, stage, memory }: EngineSettings): RunConfig {
  return engineConfig({
    task,
    data: { augmentations: [{ kind: 'any' }] },
    model: { kind, ...models.get(kind).tiny, ...model },
    stage: { batchSize, losses: [{ name: tasks.get(task).losses[0] }], ...stage },
    memory: { ...memory },
  })
}

async function train(session: TrainSession) {
  const losses: number[] = []
  for (let step = 0; step < 3; step++) {
    const batch = randomTaskBatch(session.config, { batchSize, seed: step % 2 })
    losses.push((await session.step({ step, stageStep: step, batches: [batch], learningRate }).read()).loss)
  }
  const bits = bitsOf(await session.exportState())
  expect(session.refusal).toBeNull()
  session.dispose()
  return { losses, bits }
}

await describeOnDevices('every stack of blocks', (device) => {
  const open = (config: RunConfig) => createTrainSession({ device: device(), config, facts: smallFacts })

  it.each(cases)('changes no bit with gradient checkpointing: %s with %s', async (task, kind) => {
    const trained = (gradientCheckpointing: string) =>
      train(open(configOf([task, kind], { memory: { gradientCheckpointing } })))
    expect(await trained('on')).toEqual(await trained('off'))
  })
})

describe.skipIf(!hasHalf)(
  `mixed precision of every stack of blocks${hasHalf ? '' : ': skipped, there is no adapter with shader-f16'}`,
  () => {
    // An encoder's norms come after its parts, and then nothing of its blocks is stored as f16.
    const mixed = cases.filter(([, kind]) => kind !== 'encoder')
    it.each(mixed)('stays within 3e-3 of f32: %s with %s', { timeout: 180_000 }, async (task, kind) => {
      const device = await createDevice({ backend: 'webgpu', gpu })
      const trained = (precision: string) => {
        const config = configOf([task, kind], { stage: { precision } })
        return train(createTrainSession({ device, config, facts: smallFacts }))
      }
      const [full, half] = [await trained('float32'), await trained('mixed')]
      const away = full.losses.map((loss, i) => Math.abs(loss - half.losses[i]!))
      expect(Math.max(...away)).toBeLessThan(3e-3)
      // It is another computation.
      expect(half.bits).not.toEqual(full.bits)
      device.dispose()
    })
  },
)

const facts = { ...smallFacts, vocabSize: 30_000, textTokens: 8, targetTokens: 7 }
/** 35 MB of logits, which are made in parts where the budget is small. */
const large = (task: string, kind: string, budgetMegabytes: number, loss = 'cross-entropy') =>
  configOf([task, kind], {
    model: { embedDim: 8, seqLen: 8 },
    stage: {
      batchSize: 36,
      losses: [{ name: loss }],
      optimizer: { kind: 'sgd', momentum: 0 },
      gradClipNorm: 0,
    },
    memory: { budgetMegabytes, gradientCheckpointing: 'off' },
  })

// The kernel that makes them is held against its twin elsewhere; here it is what the models give it.
describe('logits in parts', () => {
  it('have the loss and the gradients of whole ones in translation', { timeout: 240_000 }, async () => {
    const [task, kind] = ['translation', 'encoder-decoder']
    const [inParts, whole] = [large(task, kind, 16), large(task, kind, 4096)]
    const areIn = (config: RunConfig) => areLogitsInParts(config, config.stages[0]!, facts)
    expect([areIn(inParts), areIn(whole)]).toEqual([true, false])
    const device = await createDevice({ backend: 'cpu', gpu: null })
    const stepped = async (config: RunConfig) => {
      const session = createTrainSession({ device, config, facts })
      const batches = [randomTaskBatch(config, { batchSize: 36, seed: 1 }, facts)]
      // Plain descent at rate 1: the change of the weights is the gradient.
      const { loss } = await session.step({ step: 0, stageStep: 0, batches, learningRate: 1 }).read()
      const state = await session.exportState()
      session.dispose()
      return { loss, state }
    }
    const [parts, all] = [await stepped(inParts), await stepped(whole)]
    expect(Math.abs(parts.loss / all.loss - 1)).toBeLessThan(1e-6)
    for (const [name, tensor] of all.state) {
      const others = toFloat32(parts.state.get(name)!)
      const away = toFloat32(tensor).reduce(
        (most, value, i) => Math.max(most, Math.abs(value - others[i]!)),
        0,
      )
      expect(away, name).toBeLessThan(1e-6)
    }
  })

  it('are whole where a loss needs them so', () => {
    const config = large('masked-language-model', 'encoder', 16, 'focal')
    expect(areLogitsInParts(config, config.stages[0]!, facts)).toBe(false)
  })
})
