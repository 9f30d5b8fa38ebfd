import { expect, it } from 'vitest'
import { parseNumber } from './parseNumber.ts'

it.each([
  ['12', 12],
  [' 1e-3 ', 0.001],
  ['0,001', 0.001],
  ['1 000', 1000],
  ['1\u202f240', 1240],
  ['12k', 12000],
  ['1.5M', 1500000],
  ['−2', -2],
  ['.5', 0.5],
  ['3.', 3],
])('reads %j as %d', (text, value) => expect(parseNumber(text)).toBe(value))

it.each(['', 'abc', '1,2,3', '0x10', '1e', 'Infinity', '--1'])('leaves %j to be refused', (text) =>
  expect(parseNumber(text)).toBe(text),
)
