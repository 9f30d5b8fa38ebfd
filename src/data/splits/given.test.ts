import { expect, it } from 'vitest'
import { dealingSplit, itemsToSplit } from '../../../tests/helpers/itemsToSplit.ts'

const split = dealingSplit('given')
const deal = (part: readonly string[], contents?: readonly string[]) =>
  split.deal(
    itemsToSplit(part.length, { columns: { part }, ...(contents && { contents }) }),
    { column: '' },
    0,
  )

it('does as the column says, in any case and with the words that are usual', () => {
  const { sides, notices } = deal(['Train', 'VAL', 'training', 'test', 'dev', 'valid', ''])
  expect(sides).toEqual(['train', 'validation', 'train', 'test', 'validation', 'validation', 'neither'])
  expect(notices).toEqual([
    '1 item is kept for a test of what was trained.',
    '1 item is left out, being of no part in “part”.',
  ])
})

it('measures with the test part where there is no other, and says so', () => {
  const { sides, notices } = deal(['train', 'test'])
  expect(sides).toEqual(['train', 'validation'])
  expect(notices).toEqual(['“part” names no validation part: its test part is taken for it.'])
})

it('does not train on what is held out, nor on what is kept for a test', () => {
  const { sides, notices } = deal(['train', 'train', 'train', 'val', 'test'], ['a', 'b', 'c', 'a', 'b'])
  expect(sides).toEqual(['neither', 'neither', 'train', 'validation', 'test'])
  expect(notices.at(-1)).toBe(
    '2 items are not trained on, since they hold the same as others that are held out.',
  )
})

it('tells of a test part that holds what the validation holds', () => {
  const { sides, notices } = deal(['train', 'val', 'test', 'test'], ['a', 'b', 'b', 'c'])
  expect(sides).toEqual(['train', 'validation', 'test', 'test'])
  expect(notices.at(-1)).toMatch(/^1 item of the test part holds the same as others of the validation part/)
})

it('refuses other words by name, and a column with one part', () => {
  const by = (column: string, part: string[]) => () =>
    split.deal(itemsToSplit(part.length, { columns: { part } }), { column }, 0)
  expect(by('part', ['train', 'fold 3'])).toThrow(
    /must say train, validation or test, got "fold 3" for item 2/,
  )
  expect(by('part', ['train', 'train'])).toThrow(/got 2 for training, 0 for validation and 0 for test/)
  expect(by('', ['a', 'b'])).toThrow(/none was named and none was found; there are part/)
  expect(() => deal(['train', 'val'], ['a', 'a'])).toThrow(
    expect.objectContaining({ code: 'split-inseparable' }),
  )
})

it('fits where a column holds such words alone', () => {
  const fits = (part: string[]) => split.fits(itemsToSplit(part.length, { columns: { part } }))
  expect(fits(['train', 'test', ''])).toBe(true)
  expect(fits(['val', 'test'])).toBe(false)
  expect(fits(['train', 'constructor'])).toBe(false)
})
