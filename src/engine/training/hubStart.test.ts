import { beforeAll, describe, expect, it } from 'vitest'
import { hubCases, hubGolden, type HubCase } from '../../../tests/helpers/hubCases.ts'
import { readModelTensors } from '../../../tests/helpers/modelWeights.ts'
import { elementCount, float32Tensor, type HostTensor, type NamedTensors } from '../../core/hostTensor.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import { createDevice } from '../backend/createDevice.ts'
import * as tf from '../backend/tfjs.ts'
import { hubStart, modelInFile } from './hubStart.ts'
import { createTrainSession } from './trainSession.ts'
import { weightSpecs } from './weightSpecs.ts'

beforeAll(() => tf.setBackend('cpu'))

const caseOf = (name: string): HubCase => hubCases.find((one) => one.name === name)!
const tensorsOf = (name: string): NamedTensors => new Map(hubGolden(caseOf(name)).tensors)
const startOf = (name: string, tensors = tensorsOf(name), change: Partial<HubCase> = {}) =>
  hubStart({ ...caseOf(name), ...change, tensors, name: 'model.safetensors' } as Parameters<
    typeof hubStart
  >[0])
const filled = (shape: readonly number[], value = 1): HostTensor =>
  float32Tensor(shape, new Float32Array(elementCount(shape)).fill(value))
const withModel = (name: string, model: Record<string, unknown>): Partial<HubCase> => {
  const { config } = caseOf(name)
  return { config: { ...config, model: { ...config.model, ...model } } as HubCase['config'] }
}

describe('weights of others as those of a run', () => {
  it.each([
    ['gpt2', /^transformer\./],
    ['bert_classes', /^bert\./],
    ['vit', /^vit\./],
  ])('are the same with and without the prefix of %s', (name, prefix) => {
    const bare = new Map([...tensorsOf(name)].map(([key, tensor]) => [key.replace(prefix, ''), tensor]))
    expect(startOf(name, bare).tensors).toEqual(startOf(name).tensors)
    expect(modelInFile(bare)?.id).toBe(caseOf(name).config.model.kind)
  })

  it('are taken over by a session, with the temperature and nothing else', async () => {
    const { config, facts } = caseOf('clip')
    const session = createTrainSession({
      device: await createDevice({ backend: 'cpu', gpu: null }),
      config,
      facts,
    })
    const { tensors } = startOf('clip')
    session.importState(tensors, 'given')
    const state = await session.exportState()
    expect(state.get('loss.clip.logScale')!.data).toEqual(Float32Array.of(3.25))
    const weights = weightSpecs(config, facts).map(({ name }) => name)
    expect([...tensors.keys()].sort()).toEqual(weights.sort())
    for (const [name, { data }] of tensors) expect(state.get(name)!.data, name).toEqual(data)
    session.dispose()
  })

  it('are read from halves and brain floats', () => {
    const name = 'transformer.ln_f.weight'
    const words = { float16: 0x3e00, bfloat16: 0x3fc0 } as const // 1.5
    for (const [dtype, word] of Object.entries(words)) {
      const tensor = { dtype, shape: [8], data: new Uint16Array(8).fill(word) } as HostTensor
      const { tensors } = startOf('gpt2', tensorsOf('gpt2').set(name, tensor))
      expect(toFloat32(tensors.get(name)!)).toEqual(new Float32Array(8).fill(1.5))
    }
  })

  it('begin a head anew that the file has not, or has for other classes, and say so', () => {
    const { facts } = caseOf('vit')
    const more = startOf('vit', tensorsOf('vit'), { facts: { ...facts, classes: ['a', 'b', 'c', 'd'] } })
    expect(more.tensors.has('classes.weight')).toBe(false)
    expect(more.notices.join()).toContain('classifier.weight [4, 8], where the file has [3, 8]')
    const asClasses = startOf('bert_classes', readModelTensors('bert_tiny.safetensors'), {
      ...withModel('bert_classes', { seqLen: 7 }),
      facts: { ...caseOf('bert_classes').facts, vocabSize: 13 },
    })
    expect(asClasses.notices.join()).toMatch(/Not used.*cls\.predictions\.bias/)
  })

  it('have places of patches brought to the grid of the run', () => {
    const { facts } = caseOf('vit')
    const larger = { facts: { ...facts, image: { height: 12, width: 16, channels: 3 } } }
    const { tensors, notices } = startOf('vit', tensorsOf('vit'), larger)
    const places = tensors.get('patches.position_embeddings')!
    expect(places.shape).toEqual([13, 8])
    const theirs = toFloat32(tensorsOf('vit').get('vit.embeddings.position_embeddings')!)
    expect(toFloat32(places).subarray(0, 8), 'the class token stays').toEqual(theirs.subarray(0, 8))
    expect(notices).toEqual([expect.stringContaining('fitted from 2 x 2 patches to 3 x 4')])
  })

  it('say so where no loss learns the temperature that a file has', () => {
    const { config } = caseOf('clip')
    const stage = {
      ...config.stages[0]!,
      losses: [
        { ...config.stages[0]!.losses[0]!, params: { temperature: 0.5, isTemperatureLearned: false } },
      ],
    }
    const { tensors, notices } = startOf('clip', tensorsOf('clip'), {
      config: { ...config, stages: [stage] } as HubCase['config'],
    })
    expect([...tensors.keys()].filter((name) => name.startsWith('loss.'))).toEqual([])
    expect(notices.join()).toContain('temperature, 0.0388')
  })
})

describe('weights that are no start of a run', () => {
  const without = (name: string, missing: string) => {
    const tensors = tensorsOf(name)
    tensors.delete(missing)
    return tensors
  }
  const gpt = () => tensorsOf('gpt2')
  const bias = 'transformer.ln_f.bias'

  it.each<[what: string, text: RegExp, begin: () => unknown]>([
    ['a missing tensor', /ln_f\.bias must be \[8\], got none/, () => startOf('gpt2', without('gpt2', bias))],
    [
      'another shape',
      /ln_f\.bias must be \[8\], got \[4\]/,
      () => startOf('gpt2', gpt().set(bias, filled([4]))),
    ],
    ['a tensor left over', /"?evil"? is no tensor/, () => startOf('gpt2', gpt().set('evil', filled([1])))],
    [
      'whole numbers',
      /must hold floating-point numbers, got int32/,
      () => startOf('gpt2', gpt().set(bias, { dtype: 'int32', shape: [8], data: new Int32Array(8) })),
    ],
    [
      'another architecture',
      /holds a BERT, and the run's model is a GPT/,
      () => startOf('gpt2', tensorsOf('bert_masked')),
    ],
    [
      'settings that it cannot have',
      /GPT-2, which cannot have these settings: model\.positions: must be "learned", got "rotary"/,
      () => startOf('gpt2', gpt(), withModel('gpt2', { positions: 'rotary' })),
    ],
    [
      'a head that is not tied',
      /lm_head\.weight must equal transformer\.wte\.weight/,
      () => startOf('gpt2', gpt().set('lm_head.weight', filled([11, 8]))),
    ],
    [
      'an offset that ours has not',
      /token_type_embeddings\.weight \[2, 8\] has no place in this model, and is not all zeros/,
      () =>
        startOf(
          'bert_masked',
          tensorsOf('bert_masked').set('bert.embeddings.token_type_embeddings.weight', filled([2, 8])),
        ),
    ],
    [
      'the same tensor twice',
      /ln_f\.bias once, got it twice/,
      () => startOf('gpt2', gpt().set('ln_f.bias', filled([8]))),
    ],
  ])('with %s are refused by name', (_what, text, begin) => {
    expect(begin).toThrow(
      expect.objectContaining({ code: 'weights-mismatch', message: expect.stringMatching(text) as string }),
    )
  })

  it('are refused where they are not finite', () => {
    expect(() => startOf('gpt2', gpt().set(bias, filled([8], NaN)))).toThrow(
      expect.objectContaining({ code: 'weights-not-finite' }),
    )
  })
})
