import { describe, expect, it } from 'vitest'
import { fakeCatalog } from '../../../tests/helpers/fakeCatalog.ts'
import { createRunSchema, defaultRunConfig } from '../../core/runConfig.ts'
import { RunState } from '../../runs/runState.svelte.ts'
import { metricTitle, nameMetrics, withinSentence } from './metricNames.ts'
import { panelsOfRun, panelsOfStrands } from './panels.ts'

const config = defaultRunConfig(createRunSchema(fakeCatalog))

function runWith(id: string, values: Record<string, number>): RunState {
  const run = new RunState(id, config, null)
  run.apply([
    { type: 'metrics', step: 1, values, elapsedMs: 10 },
    { type: 'status', status: 'paused', step: 1 },
  ])
  return run
}

const metrics = {
  gradNorm: 1,
  'train/loss': 4,
  learningRate: 0.1,
  'validation/recallAt5': 0.2,
  'validation/loss': 5,
}

describe('panelsOfRun', () => {
  it('joins training and held-out data, losses first and the machine last', () => {
    const panels = panelsOfRun(runWith('a', metrics), 'red')
    expect(panels.map((panel) => panel.title)).toEqual([
      'Loss',
      'Recall at 5',
      'Learning rate',
      'Gradient norm',
    ])
    expect(panels[0]!.curves.map(({ label, color }) => [label, color])).toEqual([
      ['train', 'red'],
      ['validation', 'var(--text)'],
    ])
  })

  it('smooths what is measured at every step and not what is scheduled or rare', () => {
    const panels = panelsOfRun(runWith('a', metrics), 'red')
    const dense = panels.flatMap((panel) => panel.curves).filter((curve) => curve.isDense)
    expect(dense.map((curve) => curve.key)).toEqual(['train/loss', 'gradNorm'])
    expect(dense[0]!.pauses).toEqual([1])
  })
})

describe('panelsOfStrands', () => {
  it('gives each metric a chart and each run its colour in all of them', () => {
    const panels = panelsOfStrands([
      { run: runWith('a', metrics), name: 'one', color: 0 },
      { run: runWith('b', { 'train/loss': 3 }), name: 'two', color: 4 },
    ])
    expect(panels[0]!.title).toBe('Validation loss')
    const train = panels.find((panel) => panel.key === 'train/loss')!
    expect(train.curves.map(({ key, label, color }) => [key, label, color])).toEqual([
      ['a', 'one', 'var(--series-1)'],
      ['b', 'two', 'var(--series-5)'],
    ])
    expect(train.curves[1]!.dash.length).toBeGreaterThan(1)
  })
})

describe('metricTitle', () => {
  it('makes words of names', () => {
    expect(metricTitle('validation/loss')).toBe('Validation loss')
    expect(metricTitle('tokensPerSecond')).toBe('Tokens/s')
    expect(metricTitle('validation/someThing5')).toBe('Validation some thing 5')
  })

  it('knows what tasks call theirs', () => {
    const metric = (name: string, label: string) => ({ name, label, better: 'higher' as const })
    const tasks = [{ metrics: [metric('validation/bleu', 'BLEU'), metric('validation/chrF', 'chrF')] }]
    const losses = [
      { id: 'nt-xent', title: 'NT-Xent' },
      { id: 'cross-entropy', title: 'Cross-entropy' },
    ]
    nameMetrics({ tasks, losses })
    expect(metricTitle('validation/bleu')).toBe('Validation BLEU')
    expect(metricTitle('chrF')).toBe('chrF')
    expect(withinSentence('Validation BLEU')).toBe('validation BLEU')
    expect(metricTitle('train/nt-xent/accuracy')).toBe('Train NT-Xent accuracy')
    expect(metricTitle('train/nt-xent.2/positiveSimilarity')).toBe('Train NT-Xent 2 positive similarity')
    expect(metricTitle('train/cross-entropy')).toBe('Train cross-entropy')
  })
})
