import { describe, expect, it } from 'vitest'
import { looksNumeric, plainNumbers } from './plainNumbers.ts'

/** Columns by name. */
function plain(columns: Record<string, readonly string[]>) {
  const names = Object.keys(columns)
  const rows = columns[names[0]!]!.map((_, row) => names.map((name) => columns[name]![row]!))
  const found = plainNumbers({ columns: names, rows, skipped: 0 })
  if (found === null) return null
  return Object.fromEntries(names.map((name, i) => [name, found.table.rows.map((row) => row[i])]))
}

describe('plainNumbers', () => {
  it.each([
    ['commas before fractions', ['2,07', '7', '-0,5', ''], ['2.07', '7', '-0.5', '']],
    ['both, the comma last', ['4.408,75', '1.234.567,5', '12'], ['4408.75', '1234567.5', '12']],
    ['both, the point last', ['4,408.75', '1,234,567.5', '12'], ['4408.75', '1234567.5', '12']],
    ['thousands', ['1,234', '56', '7,654,321'], ['1234', '56', '7654321']],
    ['thousands by spaces', ['1 234,5', '12\u202F345', '7'], ['1234.5', '12345', '7']],
    ['thousands by apostrophes', ["1'234.50", '7.00', 'NA'], ['1234.50', '7.00', 'NA']],
    ['a currency before', ['$1,234.50', '-$7', '$ 3'], ['1234.50', '-7', '3']],
    ['a currency after', ['1.234,50 €', '7,00 €'], ['1234.50', '7.00']],
    ['per cent', ['73.0%', '5 %'], ['73.0', '5']],
    ['a minus of typesetters', ['−3', '4'], ['-3', '4']],
    ['powers after commas', ['1,5E-3', '2,0E+10'], ['1.5E-3', '2.0E+10']],
  ])('reads %s', (_what, from, to) => {
    expect(plain({ x: from })).toEqual({ x: to })
    expect(looksNumeric(from)).toBe(true)
    expect(
      to.filter((cell) => cell !== '' && cell !== 'NA').every((cell) => Number.isFinite(Number(cell))),
    ).toBe(true)
  })

  it.each([
    ['numbers as they are', ['1.5', '-2', '1e5', '007']],
    ['numbers of three places', ['1.234', '5.678']],
    ['days', ['01.02.2024', '03.04.2024']],
    ['times', ['12:30', '7:05']],
    ['versions', ['1.2.3', '1.10.0']],
    ['groups of other lengths', ['12,34,567', '1,23']],
    ['numbers of telephones', ['089 123 456', '030 765 432']],
    ['two currencies', ['$5', '7 €']],
    ['some per cent', ['5 %', '7']],
    ['words among them', ['1,5', 'about 2,5']],
    ['lists of numbers', ['1,2,3', '4,5']],
    ['two signs between thousands', ['1,234 567', '2']],
    ['nothing', ['', 'NA']],
  ])('leaves %s', (_what, cells) => {
    expect(plain({ x: cells })).toBeNull()
  })

  it('tells what a comma is by the other columns', () => {
    expect(plain({ a: ['1,234', '5,678'], b: ['2,5', '3'] })).toEqual({
      a: ['1.234', '5.678'],
      b: ['2.5', '3'],
    })
    expect(plain({ a: ['1.234', '567'], b: ['2,5', '3'] })).toEqual({ a: ['1234', '567'], b: ['2.5', '3'] })
    expect(plain({ a: ['1,234', '5,678'], b: ['2.5', '3'] })).toEqual({
      a: ['1234', '5678'],
      b: ['2.5', '3'],
    })
    // They do not agree: each by itself, and what may be both has a point.
    expect(plain({ a: ['1.5', '2'], b: ['2,5', '3'], c: ['1,234', '5'] })).toEqual({
      a: ['1.5', '2'],
      b: ['2.5', '3'],
      c: ['1234', '5'],
    })
  })

  it('leaves columns of classes with several in a cell, and texts that are numbers', () => {
    expect(plain({ x: ['1,5', '2,5'], tag: ['1,2', '3,4'] })).toEqual({
      x: ['1.5', '2.5'],
      tag: ['1,2', '3,4'],
    })
    expect(plain({ source: ['$1,234.50', '$2'], target: ['1,5', '2,5'] })).toBeNull()
    expect(plain({ x: ['1,5', '2,5'], y: ['102,5', '3,25'], target: ['0,125', '7,5'] })).toEqual({
      x: ['1.5', '2.5'],
      y: ['102.5', '3.25'],
      target: ['0.125', '7.5'],
    })
  })

  it('says what it took for what', () => {
    const rows = [
      ['7', '2,5', 'a'],
      ['4.408,75', '3', 'b'],
    ]
    expect(plainNumbers({ columns: ['price', 'width', 'name'], rows, skipped: 3 })).toMatchObject({
      table: { skipped: 3 },
      rewritten: [
        { name: 'price', from: '4.408,75', to: '4408.75' },
        { name: 'width', from: '2,5', to: '2.5' },
      ],
    })
  })
})
