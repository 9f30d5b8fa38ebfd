import { expect, it } from 'vitest'
import { fakeEvents } from '../../tests/helpers/fakeRuns.ts'
import { testCatalog } from '../../tests/fixtures/testCatalog.ts'
import { createRunSchema, defaultRunConfig } from '../core/runConfig.ts'
import { storedEvents } from './storedEvents.ts'

const entries = (events: readonly unknown[]) => events.map((event, step) => ({ step, event }))

it('takes all that a trainer tells', () => {
  const events = fakeEvents(defaultRunConfig(createRunSchema(testCatalog)), 600)
  expect(storedEvents(entries(events))).toEqual({ events, leftOut: 0 })
})

it('leaves out what no page could show, and nothing else', () => {
  const sound = { type: 'metrics', step: 1, values: { 'train/loss': NaN }, elapsedMs: 1 }
  const hidden = { right: 'b', read: null, guesses: [], rightProbability: 0.5 }
  const view = { type: 'view', step: 1, view: { kind: 'hidden-tokens', texts: [['a', hidden]] } }
  const guess = { label: 'a', probability: 0.5, isRight: true, isSaid: false }
  const sets = {
    kind: 'label-sets',
    labels: [{ name: 'a', right: 1, said: 2, both: 0 }],
    items: [{ item: null, guesses: [guess] }],
  }
  const ofSets = { type: 'view', step: 2, view: sets }
  const broken = [
    null,
    'metrics',
    [],
    {},
    { type: '__proto__', step: 1 },
    { type: 'toString', step: 1 },
    { type: 'of a later version', step: 1 },
    { type: 'metrics', step: 1, elapsedMs: 1 },
    { type: 'metrics', step: 1, values: { 'train/loss': 'low' }, elapsedMs: 1 },
    { type: 'metrics', values: {}, elapsedMs: 1 },
    { type: 'sample', step: 1, prompt: 'a' },
    { type: 'checkpoint', step: 1, slot: 'latest' },
    { type: 'error', step: 1, error: null },
    { type: 'view', step: 1, view: { kind: 'hidden-tokens', texts: [['a', { ...hidden, guesses: [{}] }]] } },
    { type: 'view', step: 1, view: { kind: 'hidden-tokens', texts: [hidden] } },
    { type: 'view', step: 1, view: { ...sets, labels: [{ name: 'a', right: 1, said: '2', both: 0 }] } },
    { type: 'view', step: 1, view: { ...sets, items: [{ item: null, guesses: [{ label: 'a' }] }] } },
    { type: 'phase', phase: null },
  ]
  expect(storedEvents(entries([...broken, sound, view, ofSets]))).toEqual({
    events: [sound, view, ofSets],
    leftOut: broken.length,
  })
})
