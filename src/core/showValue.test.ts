import { expect, it } from 'vitest'
import { showValue } from './showValue.ts'

it.each([
  ['a "b"\n', '"a \\"b\\"\\n"'],
  [Infinity, 'Infinity'],
  [-0.5, '-0.5'],
  [null, 'null'],
  [undefined, 'nothing'],
  [[1, 2], 'a list of 2'],
  [{ toString: 1 }, 'an object'],
])('shows %j as %s', (value, text) => {
  expect(showValue(value)).toBe(text)
})

it('stays short and keeps its stack, whatever it is given', () => {
  expect(showValue('x'.repeat(1e6)).length).toBeLessThan(61)
  expect(showValue(JSON.parse('['.repeat(1e5) + ']'.repeat(1e5)))).toBe('a list of 1')
})
