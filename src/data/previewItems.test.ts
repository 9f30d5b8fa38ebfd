import { expect, it } from 'vitest'
import { encodeImageSet } from './images/imageSet.ts'
import { itemsByPlace, itemsReader } from './previewItems.ts'

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

it('gives items by their places, in the order that is asked for', () => {
  const pixels = Uint8Array.from([10, 20, 30])
  const set = { count: 3, height: 1, width: 1, channels: 1, pixels, captions: [] }
  const pictures = encodeImageSet({ ...set, classes: ['a', 'b'], labels: Int32Array.of(1, 0, 1) })
  const frame = { kind: 'picture', height: 1, width: 1, channels: 1 }
  expect(itemsByPlace('images', pictures)([2, 0, 3, -1])).toEqual([
    { ...frame, pixels: Uint8Array.of(30), caption: 'b' },
    { ...frame, pixels: Uint8Array.of(10), caption: 'b' },
  ])
  const rows = itemsByPlace('table', new TextEncoder().encode('name,label\na,1\nb,2\nc\n'))
  expect(rows([1])).toEqual([
    {
      kind: 'row',
      cells: [
        ['name', 'b'],
        ['label', '2'],
      ],
    },
  ])
  const passages = itemsByPlace('text', new TextEncoder().encode('one\n\ntwo\n\nthree'))
  expect(passages([2])).toEqual([{ kind: 'row', cells: [['text', 'three']] }])
})
