import { expect, it } from 'vitest'
import { changedWords } from './changedWords.ts'

const marked = (before: string, after: string) =>
  changedWords(before, after).map(({ word, isNew }) => (isNew ? `[${word}]` : word))

it.each([
  ['a b c', 'a b c', 'a b c'],
  ['a b c', 'a x c', 'a [x] c'],
  ['a b c', 'a c', 'a c'],
  ['a b c', 'x y', '[x] [y]'],
  ['a b c d', 'b a c d', '[b] a c d'],
  ['', 'x', '[x]'],
  ['a a b', 'a b b', 'a b [b]'],
  ['the old vague whale', 'the vague old great whale', 'the [vague] old [great] whale'],
])('of “%s” in “%s”', (before, after, expected) => {
  const found = marked(before, after)
  // Where several ways are as short, any will do: as many words are new.
  expect(found.filter((word) => word.startsWith('[')).length).toBe(expected.split('[').length - 1)
  expect(found.map((word) => word.replaceAll(/[[\]]/g, '')).join(' ')).toBe(after)
})
