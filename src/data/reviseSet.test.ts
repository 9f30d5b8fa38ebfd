import { describe, expect, it } from 'vitest'
import { decodeImageSet, encodeImageSet } from './images/imageSet.ts'
import { reviseSet } from './reviseSet.ts'
import { parseTable } from './table/parseTable.ts'

const none = { drop: [], relabel: [] }

describe('a set of pictures', () => {
  const bytes = encodeImageSet({
    count: 5,
    height: 1,
    width: 2,
    channels: 1,
    pixels: Uint8Array.from([0, 1, 10, 11, 20, 21, 30, 31, 40, 41]),
    classes: ['a', 'b', 'c'],
    labels: Int32Array.from([0, 1, 2, 1, 0]),
    captions: ['zero', 'one', 'two', 'three', 'four'],
  })
  const revise = (revision: Parameters<typeof reviseSet>[2]) =>
    decodeImageSet(reviseSet('images', bytes, revision).bytes)

  it('is the same to the byte where nothing is changed', () => {
    expect(reviseSet('images', bytes, none)).toEqual({ bytes, records: 5 })
  })

  it('keeps each picture with its caption and class', () => {
    const set = revise({ drop: [1, 4], relabel: [{ item: 3, label: 'a' }] })
    expect([...set.pixels]).toEqual([0, 1, 20, 21, 30, 31])
    expect(set.captions).toEqual(['zero', 'two', 'three'])
    // Nothing is of class b any more.
    expect(Array.from(set.labels, (label) => set.classes[label])).toEqual(['a', 'c', 'a'])
    expect(set.classes).toEqual(['a', 'c'])
  })

  it('drops what is dropped and relabelled', () => {
    const set = revise({ drop: [2], relabel: [{ item: 2, label: 'b' }] })
    expect(Array.from(set.labels, (label) => set.classes[label])).toEqual(['a', 'b', 'b', 'a'])
  })

  it.each([
    ['an item that there is not', { drop: [5], relabel: [] }],
    ['a part of an item', { drop: [0.5], relabel: [] }],
    ['an unknown class', { drop: [], relabel: [{ item: 0, label: 'd' }] }],
    ['a set with one left', { drop: [0, 1, 2, 3], relabel: [] }],
  ])('refuses %s', (_what, revision) => {
    expect(() => revise(revision)).toThrow(expect.objectContaining({ code: 'revision' }))
  })
})

describe('a text', () => {
  const bytes = new TextEncoder().encode('one\n\ntwo\nlines\n \nthree\n\n\nfour\n')
  const revise = (drop: number[]) => {
    const { bytes: revised, records } = reviseSet('text', bytes, { drop, relabel: [] })
    return [new TextDecoder().decode(revised), records]
  }

  it('loses the passages that are named, with the blank lines after them', () => {
    expect(revise([])).toEqual([new TextDecoder().decode(bytes), 4])
    expect(revise([0, 2])).toEqual(['two\nlines\n \nfour\n', 2])
  })

  it('has no labels to change, and no passages beyond its last', () => {
    const relabelled = { drop: [], relabel: [{ item: 0, label: 'a' }] }
    for (const attempt of [() => reviseSet('text', bytes, relabelled), () => revise([4])])
      expect(attempt).toThrow(expect.objectContaining({ code: 'revision' }))
  })
})

describe('a table', () => {
  const text = 'name,kind\n"a, b",x\nc,y\n"say ""d""",x\ne,z\n'
  const bytes = new TextEncoder().encode(text)
  const revise = (revision: Parameters<typeof reviseSet>[2]) =>
    new TextDecoder().decode(reviseSet('table', bytes, revision).bytes)

  it('is the same to the byte where it is written as tables are and nothing is changed', () => {
    expect(revise(none)).toBe(text)
  })

  it('changes cells of the column named, and drops rows', () => {
    const revised = revise({ drop: [0], relabel: [{ item: 2, label: 'y, z' }], labelColumn: 'kind' })
    expect(revised).toBe('name,kind\nc,y\n"say ""d""","y, z"\ne,z\n')
  })

  it('keeps names for names where the rows alone would not tell', () => {
    const numbers = new TextEncoder().encode('#1,2\n3,4\n5,6\n7,8\n')
    const { bytes: revised } = reviseSet('table', numbers, { drop: [1], relabel: [] })
    const read = parseTable(new TextDecoder().decode(revised))
    expect(read).toMatchObject({
      columns: ['1', '2'],
      rows: [
        ['3', '4'],
        ['7', '8'],
      ],
    })
  })

  it('refuses a column that there is not', () => {
    expect(() => revise({ drop: [], relabel: [{ item: 0, label: 'y' }], labelColumn: 'sort' })).toThrow(
      expect.objectContaining({ code: 'revision' }),
    )
  })
})
