import { beforeAll, describe, expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { values } from '../../../tests/helpers/goldens.ts'
import { hubCases, hubGolden, type HubCase } from '../../../tests/helpers/hubCases.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import { float32Tensor, type NamedTensors } from '../../core/hostTensor.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import * as tf from '../backend/tfjs.ts'
import { logitsOf, outputOf, plainPass, type ModelInputs, type ModelOutput } from '../models/modelInputs.ts'
import { models } from '../models/registry.ts'
import { tasks } from '../tasks/registry.ts'
import { hubExport } from './hubExport.ts'
import { hubStart } from './hubStart.ts'

beforeAll(() => tf.setBackend('cpu'))

/** Ours, as they are read from what `transformers` saved. */
function weightsOf(one: HubCase): NamedTensors {
  return new Map(hubStart({ ...one, tensors: hubGolden(one).tensors }).tensors)
}
const exported = (one: HubCase, tensors = weightsOf(one)) =>
  hubExport({ ...one, tensors, stageIndex: 0 }, 'huggingface')

function inputsOf({ config }: HubCase, { ids, pixels }: ReturnType<typeof hubGolden>['inputs']): ModelInputs {
  const tokens = ids && {
    ids: tf.tensor1d(values(ids), 'int32'),
    batchSize: 2,
    seqLen: 6,
    mask: null,
    onlyRow: null,
  }
  const images = pixels && {
    pixels: tf.transpose<tf.Tensor4D>(tf.tensor4d(values(pixels), [2, 3, 8, 8]), [0, 2, 3, 1]),
  }
  if (config.model.kind !== 'dual-encoder') return { ...(tokens && { tokens }), ...(images && { images }) }
  return { captionedImages: { image: images!, text: tokens! } }
}

function outputsOf(one: HubCase, weights: NamedTensors): ModelOutput {
  const { model } = one.config
  const variables = new Map(
    [...weights].map(([name, tensor]) => [
      name,
      tf.variable(tf.tensor(toFloat32(tensor), [...tensor.shape])),
    ]),
  )
  return models.get(model.kind).forward(model, variables, inputsOf(one, hubGolden(one).inputs), plainPass)
}

describe.each(hubCases)('a model for Hugging Face: $name', (one) => {
  const golden = hubGolden(one)

  it('has the config.json with which transformers made this very file', () => {
    expect(exported(one).configFile).toEqual(golden.configFile)
  })

  it('has the tensors that transformers saves, by name, shape and every bit', () => {
    const { tensors } = exported(one)
    expect([...tensors.keys()].sort()).toEqual([...golden.tensors.keys()].sort())
    for (const [name, { shape, data }] of golden.tensors) {
      expect(tensors.get(name)!.shape, name).toEqual(shape)
      expect(tensors.get(name)!.data, name).toEqual(data)
    }
  })

  it('gives the outputs of transformers', async () => {
    const output = outputsOf(one, weightsOf(one))
    for (const [name, wanted] of Object.entries(golden.outputs)) {
      const found = name === 'logits' ? logitsOf(output) : outputOf(output, 'pair')[name as 'a' | 'b']
      expectClose(await found.data(), values(wanted), { rtol: 1e-4, atol: 1e-4 }, name)
    }
  })
})

describe('a model for others', () => {
  const gpt = hubCases[0]!
  const named = (model: Record<string, unknown>): HubCase => ({
    ...gpt,
    config: engineConfig({
      model: { kind: 'gpt', numLayers: 1, numHeads: 2, embedDim: 4, seqLen: 4, ...model },
    }),
  })
  const ownWeights = ({ config, facts }: HubCase): NamedTensors =>
    new Map(
      models
        .get(config.model.kind)
        .parameters(config.model, tasks.get(config.task).sizes(facts, config))
        .map(({ name, shape }) => [
          name,
          float32Tensor(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5)),
        ]),
    )

  it('keeps its own names where settings have no counterpart, and says which', () => {
    const variant = named({ positions: 'rotary', norm: 'rms-norm', activation: 'swiglu' })
    const { tensors, configFile, notices } = exported(variant, ownWeights(variant))
    expect(configFile).toBeNull()
    expect(tensors).toEqual(ownWeights(variant))
    expect(notices.join()).toMatch(
      /GPT-2 cannot hold these settings: model\.positions: must be "learned", got "rotary"; model\.norm: .*model\.activation/,
    )
    const plain = named({})
    expect(hubExport({ ...plain, tensors: ownWeights(plain), stageIndex: 0 }, 'own')).toEqual({
      tensors: ownWeights(plain),
      configFile: null,
      notices: [],
    })
  })

  it('is of the averaged weights where there are such, and of nothing else that a checkpoint holds', () => {
    const name = 'transformer.ln_f.bias'
    const average = float32Tensor(
      [8],
      Float32Array.from({ length: 8 }, (_, i) => i),
    )
    const tensors = weightsOf(gpt).set(`ema.${name}`, average).set(`optimizer.m.${name}`, average)
    const found = exported(gpt, tensors)
    expect(found.tensors.get(name)!.data).toEqual(average.data)
    expect(found.tensors.size).toBe(hubGolden(gpt).tensors.size)
    expect(found.notices).toEqual([expect.stringContaining('averaged')])
  })

  it('has the temperature of its loss: learned, at most 100, or set', () => {
    const clip = hubCases.find(({ name }) => name === 'clip')!
    const scaleOf = (one: HubCase, learned: number | null) => {
      const tensors = weightsOf(clip)
      tensors.delete('loss.clip.logScale')
      if (learned !== null) tensors.set('loss.clip.logScale', float32Tensor([1], Float32Array.of(learned)))
      return exported(one, tensors).tensors.get('logit_scale')!.data[0]
    }
    expect(scaleOf(clip, 2)).toBe(2)
    expect(scaleOf(clip, 7)).toBe(Math.fround(Math.log(100)))
    const stage = {
      ...clip.config.stages[0]!,
      losses: [
        { ...clip.config.stages[0]!.losses[0]!, params: { temperature: 0.5, isTemperatureLearned: false } },
      ],
    }
    const set = { ...clip, config: { ...clip.config, stages: [stage] } } as HubCase
    expect(scaleOf(set, null)).toBe(Math.fround(Math.log(2)))
  })

  it('refuses a checkpoint that lacks weights', () => {
    const tensors = weightsOf(gpt)
    tensors.delete('transformer.ln_f.bias')
    expect(() => exported(gpt, tensors)).toThrow(/transformer\.ln_f\.bias/)
  })
})
