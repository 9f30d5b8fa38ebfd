import { describe, expect, it } from 'vitest'
import { dataConfig } from '../../../tests/helpers/dataConfig.ts'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import type { DataFacts } from '../../core/dataFacts.ts'
import { losses } from '../losses/registry.ts'
import { models } from '../models/registry.ts'
import { improvement } from '../training/monitored.ts'
import { checkConfig } from './checkConfig.ts'
import { checkFacts } from './checkFacts.ts'
import { taskEntries, tasks } from './registry.ts'

describe('tasks', () => {
  it.each(tasks.all.map((task) => [task.id, task] as const))(
    '%s names models and losses that exist',
    (_id, task) => {
      task.models.forEach((id) => expect(models.get(id).id).toBe(id))
      task.losses.forEach((id) => expect(losses.get(id).id).toBe(id))
    },
  )

  it('reports what it says that it reports', () => {
    const task = tasks.get('language-model')
    const batch = {
      arrays: { targets: Int32Array.of(1, -1) },
      batchSize: 2,
      validItems: 2,
      places: null,
      measured: Float32Array.of(1),
    }
    const reported = task.report([batch], { vocabSize: 2 })
    expect(Object.keys(reported)).toEqual(task.metrics.map(({ name }) => name))
    expect(reported['validation/perplexity']).toBe(Math.E)
  })

  it('can cross to another thread', () => {
    expect(structuredClone(taskEntries)).toEqual(taskEntries)
  })
})

describe('checkConfig', () => {
  it.each([
    { task: 'image-classification', model: { kind: 'conv-net' } },
    { task: 'table-classification', model: { kind: 'mlp' } },
  ])('names what does nothing without blocks: $model.kind', ({ task, model }) => {
    const losses = [{ name: 'cross-entropy' }]
    const config = (memory: Record<string, unknown>, precision: string) =>
      engineConfig({ task, model, memory, stage: { losses, precision, monitor: 'validation/loss' } })
    expect(checkConfig(config({}, 'float32'))).toEqual([])
    expect(checkConfig(config({ gradientCheckpointing: 'on' }, 'mixed'))).toMatchObject([
      { path: ['memory', 'gradientCheckpointing'] },
      { path: ['stages', 0, 'precision'] },
    ])
  })

  it.each(['pre', 'post'])('refuses mixed precision where nothing is stored in it: norms %s', (normPlace) => {
    const model = { kind: 'encoder', normPlace }
    const stage = { precision: 'mixed', losses: [{ name: 'cross-entropy' }], monitor: 'validation/loss' }
    const paths = checkConfig(engineConfig({ task: 'masked-language-model', model, stage })).map(
      ({ path }) => path,
    )
    expect(paths).toEqual(normPlace === 'pre' ? [] : [['stages', 0, 'precision']])
  })

  it('names lines of synonyms that say nothing, and misses those that are asked for', () => {
    const base = engineConfig({ task: 'text-classification', model: { kind: 'encoder' } })
    const issuesOf = (change: Record<string, string>) => {
      const textAugmentations = [{ kind: 'synonyms', rate: 0.1, source: 'both', ...change }]
      return checkConfig({ ...base, data: dataConfig({ textAugmentations }) }).filter(
        ({ path }) => path.join('.') === 'data.textAugmentations.0.own',
      )
    }
    expect(issuesOf({ own: 'quick: fast' })).toEqual([])
    const messages = issuesOf({ own: 'quick: fast\nslow' }).map(({ message }) => message)
    expect(messages).toEqual([expect.stringMatching(/^line 2: .* got "slow"$/)])
    expect(issuesOf({ own: '# only this' })).toHaveLength(1)
    expect(issuesOf({ own: 'slow', source: 'wordnet' })).toEqual([])
  })

  it('passes the defaults', () => {
    expect(checkConfig(engineConfig())).toEqual([])
  })

  it('gives the model’s issues their place in the config', () => {
    expect(checkConfig(engineConfig({ model: { embedDim: 15 } }))[0]!.path).toEqual(['model', 'embedDim'])
  })

  it('refuses a stage whose losses all weigh nothing, and components that match nothing', () => {
    const issues = checkConfig(engineConfig({ stages: [{}, { losses: [{ weight: 0 }] }] }))
    expect(issues.map(({ path }) => path)).toEqual([['stages', 1, 'losses']])
    const unmatched = checkConfig(engineConfig({ stages: [{}, { components: [{ match: 'lm_head' }] }] }))
    expect(unmatched[0]!.path).toEqual(['stages', 1, 'components', 0, 'match'])
  })
})

describe('what a stage is steered by', () => {
  const config = (monitor: string) =>
    engineConfig({ task: 'table-classification', model: { kind: 'mlp' }, stage: { monitor } })

  it('is a loss or a metric of the task', () => {
    for (const monitor of ['train/loss', 'validation/accuracy'])
      expect(checkConfig(config(monitor))).toEqual([])
    expect(checkConfig(config('validation/perplexity'))).toMatchObject([{ path: ['stages', 0, 'monitor'] }])
  })

  it('gets better upwards or downwards, as the metric does', () => {
    const change = { from: 0.5, to: 0.7 }
    expect(improvement(config('validation/accuracy'), 'validation/accuracy', change)).toBeCloseTo(0.2)
    expect(improvement(config('validation/accuracy'), 'validation/loss', change)).toBeCloseTo(-0.2)
    const ofRanks = engineConfig({ task: 'image-text', model: { kind: 'dual-encoder' } })
    expect(improvement(ofRanks, 'validation/medianRank', change)).toBeCloseTo(-0.2)
  })
})

describe('what tasks need of data', () => {
  const lackOf = (id: string, facts: DataFacts) => tasks.get(id).lack(facts, engineConfig())

  it('is told apart: columns, texts, captions, classes', () => {
    const texts = { numFeatures: 0, classes: ['a', 'b'], vocabSize: 9, textTokens: 4 }
    expect(lackOf('table-classification', texts)).toContain('the task text-classification reads them')
    expect(lackOf('text-classification', texts)).toBeNull()
    expect(lackOf('text-classification', { numFeatures: 3, classes: ['a', 'b'] })).toContain(
      'a column of texts',
    )
    expect(lackOf('text-classification', { ...texts, classes: [] })).toContain('labels')
    const image = { height: 8, width: 8, channels: 3 }
    expect(lackOf('image-text', { image })).toContain('captions')
    expect(lackOf('image-text', { image, vocabSize: 9, textTokens: 4 })).toBeNull()
    expect(lackOf('image-text', texts)).toContain('pictures')
  })

  it('is told apart: one class of each item, or several', () => {
    const id = 'multi-label-classification'
    const reading = (kind: string) => engineConfig({ task: id, model: { kind } })
    const several = { numFeatures: 3, classes: [], labels: ['a', 'b'], labelShares: [0.5, 0.5] }
    const lack = (kind: string, facts: DataFacts) => tasks.get(id).lack(facts, reading(kind))
    expect(lack('mlp', several)).toBeNull()
    expect(lack('encoder', several)).toContain('mlp reads the other columns')
    const texts = { ...several, numFeatures: 0, vocabSize: 9, textTokens: 4 }
    expect(lack('encoder', texts)).toBeNull()
    expect(lack('mlp', texts)).toContain('encoder reads them')
    expect(lack('mlp', { numFeatures: 3, classes: ['a', 'b'] })).toContain('this one has one class')
    expect(lackOf('table-classification', several)).toContain('the task multi-label-classification')
  })

  it('is told of a loss that needs labels, with its place', () => {
    const config = engineConfig({
      task: 'image-text',
      model: { kind: 'dual-encoder' },
      stage: { losses: [{ name: 'clip' }, { name: 'mixed-multimodal' }] },
    })
    const facts = { image: { height: 8, width: 8, channels: 3 }, vocabSize: 9, textTokens: 4, classes: [] }
    expect(() => checkFacts(config, facts)).toThrow(
      /stages\[0\]\.losses: mixed-multimodal needs items with labels/,
    )
    expect(() => checkFacts(config, { ...facts, classes: ['a', 'b'] })).not.toThrow()
  })
})
