import { expect, it } from 'vitest'
import type { Finding } from '../../core/finding.ts'
import { evidenceOf } from './evidence.ts'

const about = (column: string) => ({ values: { column } }) as unknown as Finding

it('shows the cells that a finding is about first, few of the others, and the beginning of long ones', () => {
  const cells = Array.from({ length: 12 }, (_, i) => [`c${i}`, `v${i}`] as [string, string])
  cells[9]![1] = '🐋'.repeat(500)
  const shown = evidenceOf({ kind: 'row', cells }, about('c9'), 'c4')
  if (shown.kind !== 'row') throw new Error('a row is one')
  expect(shown.cells.map(([name]) => name)).toEqual(['c4', 'c9', 'c0', 'c1', 'c2', 'c3'])
  expect(shown.cells[1]![1]).toBe(`${'🐋'.repeat(160)}…`)
})

it('leaves pictures and short texts as they are', () => {
  const picture = { kind: 'picture', height: 1, width: 1, channels: 1, pixels: new Uint8Array(1) } as const
  expect(evidenceOf(picture, about('x'), null)).toBe(picture)
  const row = { kind: 'row', cells: [['text', 'a'.repeat(160)]] } as const
  expect(evidenceOf(row, about('x'), null)).toEqual(row)
})
