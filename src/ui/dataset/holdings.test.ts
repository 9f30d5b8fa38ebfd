import { expect, it } from 'vitest'
import { describeSet } from '../../data/inspect/describeSet.ts'
import { holdingsOf } from './holdings.ts'

async function* bytes(text: string) {
  yield new TextEncoder().encode(text)
}

it('says of each column of a table what it is, what is missing and what stands there', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i},${i % 2 ? '' : 'cat'},${i < 5 ? 'yes' : 'no'}`)
  const found = holdingsOf(await describeSet('table', bytes(['n,animal,seen', ...rows, ''].join('\n'))))
  expect(found).toEqual([
    { name: 'n', type: 'whole number', missing: null, values: '0 to 19, in the middle 9.5' },
    {
      name: 'animal',
      type: 'category',
      missing: expect.stringMatching(/^50\s%$/) as string,
      values: expect.stringMatching(/^cat 50\s%$/) as string,
    },
    {
      name: 'seen',
      type: 'yes or no',
      missing: null,
      values: expect.stringMatching(/^no 75\s%, yes 25\s%$/) as string,
    },
  ])
})

it('says of a text how long its lines are', async () => {
  const [lines] = holdingsOf(await describeSet('text', bytes('one two\n\nthree\n')))
  expect(lines).toMatchObject({ name: 'Lines', values: '3 words, 5 to 7, in the middle 5 characters long' })
})
