import { expect, it } from 'vitest'
import type { DataFacts } from '../../../core/dataFacts.ts'
import type { MeasuredBatch } from '../defineTask.ts'
import { viewLabels } from './labelView.ts'

const facts: DataFacts = { labels: ['red', 'round', 'small'] }
/** Two batches, the last item of the second fills it up. */
const batches: MeasuredBatch[] = [
  {
    arrays: { labelSets: Float32Array.of(1, 1, 0, 0, 0, 0) },
    batchSize: 2,
    validItems: 2,
    places: Int32Array.of(4, 2),
    measured: Float32Array.of(3, -2, -4, -3, -3, 0.5),
  },
  {
    arrays: { labelSets: Float32Array.of(1, 0, 0, 1, 1, 1) },
    batchSize: 2,
    validItems: 1,
    places: Int32Array.of(7, 7),
    measured: Float32Array.of(5, -5, -5, -9, -9, -9),
  },
]

it('shows how often labels were found, and the items that are furthest off', () => {
  const view = viewLabels(batches, facts, (place) => ({ kind: 'row', cells: [['place', String(place)]] }))
  if (view?.kind !== 'label-sets') throw new Error('must be of label sets')
  expect(view.labels).toEqual([
    { name: 'red', right: 2, said: 2, both: 2 },
    { name: 'round', right: 1, said: 0, both: 0 },
    { name: 'small', right: 0, said: 1, both: 0 },
  ])
  // Their binary cross-entropies, in plain numbers: 2.2 and 1.1 and 0.02.
  expect(view.items.map(({ item }) => item)).toEqual(
    ['4', '2', '7'].map((place) => ({ kind: 'row', cells: [['place', place]] })),
  )
  const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit))
  expect(view.items.map(({ guesses }) => guesses)).toEqual([
    [
      { label: 'red', probability: sigmoid(3), isRight: true, isSaid: true },
      { label: 'round', probability: sigmoid(-2), isRight: true, isSaid: false },
    ],
    [{ label: 'small', probability: sigmoid(0.5), isRight: false, isSaid: true }],
    [{ label: 'red', probability: sigmoid(5), isRight: true, isSaid: true }],
  ])
})
