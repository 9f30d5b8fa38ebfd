import { expect, it } from 'vitest'
import { encodeImageSet } from './images/imageSet.ts'
import { itemsReader } from './previewItems.ts'

function images(count: number) {
  const pixels = Uint8Array.from({ length: count * 4 }, (_, i) => Math.floor(i / 4) % 256)
  const labels = Int32Array.from({ length: count }, (_, i) => (i < count / 2 ? 0 : 1))
  const set = { count, height: 2, width: 2, channels: 1, pixels, classes: ['a', 'b'], labels, captions: [] }
  return itemsReader('images', encodeImageSet(set))
}

it('shows every image once with its class, whatever their number, and both classes at once where they are sorted', () => {
  for (const count of [1, 2, 50, 7919, 2 * 7919]) {
    const read = images(count)
    const first = read(0, 20)
    if (first.kind !== 'images') throw new Error('not images')
    expect(first.total).toBe(count)
    expect(first.items).toHaveLength(Math.min(20, count))
    if (count === 50) expect(new Set(first.items.map(({ words }) => words)).size).toBe(2)
  }
  const seen = images(50)(0, 50)
  if (seen.kind !== 'images') throw new Error('not images')
  const values = seen.items.map(({ picture }) => (picture.kind === 'picture' ? picture.pixels[0] : -1))
  expect([...values].sort((a, b) => a! - b!)).toEqual(Array.from({ length: 50 }, (_, i) => i))
  expect(images(50)(48, 20)).toMatchObject({ offset: 48, items: { length: 2 } })
  expect(images(50)(90, 20)).toMatchObject({ items: { length: 0 } })
})

it('shows rows as they are written', () => {
  const read = itemsReader('table', new TextEncoder().encode('name,label\na,1\nb,2\nc\n'))
  expect(read(1, 5)).toEqual({
    kind: 'table',
    offset: 1,
    total: 2,
    columns: ['name', 'label'],
    rows: [['b', '2']],
    skipped: 1,
  })
})
