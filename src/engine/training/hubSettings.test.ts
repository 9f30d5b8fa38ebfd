import { expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { hubCases, hubGolden } from '../../../tests/helpers/hubCases.ts'
import { hubSettings } from './hubSettings.ts'

const named = (name: string) => hubGolden(hubCases.find((one) => one.name === name)!)
const read = (name: string, configFile: object | null) =>
  hubSettings('model.safetensors', named(name).tensors, configFile as Parameters<typeof hubSettings>[2])!

it.each(hubCases)('reads the model of $name from its shapes and its config.json', ({ name, config }) => {
  const { model, settings, assumed } = read(name, named(name).configFile)
  const found = engineConfig({ task: config.task, model: { kind: model.id, ...settings } })
  // Offsets and layers that are in every file, and do nothing in these cases.
  const ours = {
    bert_masked: { hasPooledLayer: true, numTokenTypes: 1 },
    vit: { hasPatchBias: true },
  }[name]
  expect(found.model).toEqual({ ...config.model, ...ours })
  expect(assumed).toEqual([])
})

it.each(hubCases)('takes what is usual for $name without config.json, and says so', ({ name, config }) => {
  const { settings, assumed } = read(name, null)
  const usual = {
    gpt2: 'heads 1, activation "gelu_new", norm epsilon 0.00001',
    bert_masked: 'heads 1, activation "gelu", norm epsilon 1e-12',
    bert_classes: 'heads 1, activation "gelu", norm epsilon 1e-12',
    vit: 'heads 1, activation "gelu", norm epsilon 1e-12',
    clip: 'heads 1, activation "quick_gelu", norm epsilon 0.00001',
  }[name]!
  expect(assumed.slice(0, 3).join(', ')).toBe(usual)
  const { embedDim, numLayers, mlpRatio } = (settings['image'] ?? settings) as Record<string, unknown>
  expect({ embedDim, numLayers, mlpRatio }).toMatchObject({
    embedDim: 8,
    numLayers: name === 'clip' ? 1 : 2,
    mlpRatio: 1.5,
  })
  expect(config.model.kind).toBe(read(name, null).model.id)
})

it('counts heads of 64 numbers, and knows a tied head from one of its own', () => {
  const { tensors } = named('gpt2')
  const words = tensors.get('transformer.wte.weight')!
  const isTied = (head: typeof words) =>
    hubSettings('m', new Map(tensors).set('lm_head.weight', head), null)!.settings['isHeadTied']
  expect(isTied({ ...words, data: words.data.slice() } as typeof words)).toBe(true)
  expect(isTied({ ...words, data: words.data.slice().reverse() } as typeof words)).toBe(false)
})

it('tells the images and the vocabulary that a file is for', () => {
  expect(read('vit', null)).toMatchObject({ images: { side: 8, channels: 3 }, vocabSize: null })
  expect(read('clip', null)).toMatchObject({ images: { side: 8, channels: 3 }, vocabSize: 11 })
})

it('refuses the config.json of another model and a file without what tells a size; knows no other model', () => {
  expect(() => read('gpt2', { model_type: 'llama' })).toThrow(/holds a GPT-2, and .* the model type "llama"/)
  const { tensors } = named('gpt2')
  tensors.delete('transformer.wpe.weight')
  expect(() => hubSettings('m.safetensors', tensors, null)).toThrow(
    /^m\.safetensors: must hold transformer\.wpe\.weight/,
  )
  const other = new Map([['model.layers.0.mlp.up_proj.weight', tensors.values().next().value!]])
  expect(hubSettings('m', other, null)).toBeNull()
})
