import { expect, it } from 'vitest'
import { createLatestValue } from './latestValue.ts'

it('makes a value once for a key, anew for another one, and again after it failed', async () => {
  const latest = createLatestValue<string>()
  const made: string[] = []
  const make = (value: string) => () => (made.push(value), Promise.resolve(value))
  expect(await latest('a', make('first'))).toBe('first')
  expect(await latest('a', make('second'))).toBe('first')
  expect(await latest('b', make('third'))).toBe('third')
  await expect(latest('c', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await latest('c', make('fourth'))).toBe('fourth')
  expect(await latest('b', make('fifth'))).toBe('fifth')
  expect(made).toEqual(['first', 'third', 'fourth', 'fifth'])
  expect(await Promise.all([latest('d', make('sixth')), latest('d', make('seventh'))])).toEqual([
    'sixth',
    'sixth',
  ])
  expect(made).toHaveLength(5)
})
