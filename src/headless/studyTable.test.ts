import { expect, it } from 'vitest'
import { studyTable } from './studyTable.ts'

it('has a row for each run, a column for each metric that one has, and four digits', () => {
  const lines = studyTable([
    { name: 'a', metrics: { 'validation/accuracy': { mean: 0.62349, halfWidth: 0.0213 } } },
    {
      name: 'longer',
      metrics: {
        'validation/accuracy': { mean: 0.5, halfWidth: null },
        'validation/meanAbsoluteError': { mean: 247.318, halfWidth: 16.04 },
        'validation/loss': { mean: NaN, halfWidth: NaN },
      },
    },
  ])
  expect(lines).toEqual([
    '| run    | accuracy        | meanAbsoluteError | loss |',
    '| ------ | --------------- | ----------------- | ---- |',
    '| a      | 0.6235 ± 0.0213 |                   |      |',
    '| longer | 0.5000          | 247.3 ± 16.0      | NaN  |',
  ])
})
