import { expect, it } from 'vitest'
import { compareNames } from './naturalOrder.ts'

it('orders numbers in names by value', () => {
  const names = ['part 10.txt', 'part 2.txt', 'Part 1.txt', 'part 02b.txt', 'a', 'part 2.md']
  expect(names.sort(compareNames)).toEqual([
    'Part 1.txt',
    'a',
    'part 2.md',
    'part 2.txt',
    'part 02b.txt',
    'part 10.txt',
  ])
})

it('tells names apart that differ in leading zeros only', () => {
  expect(compareNames('a01', 'a1')).toBe(-compareNames('a1', 'a01'))
  expect(compareNames('a01', 'a1')).not.toBe(0)
})
