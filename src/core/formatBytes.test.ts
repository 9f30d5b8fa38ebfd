import { expect, test } from 'vitest'
import { formatBytes } from './formatBytes.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [12_340_000, '12.3 MB'],
  [2e9, '2 GB'],
  [5e15, '5000 TB'],
])('%i bytes are shown as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})
