import { describe, expect, it } from 'vitest'
import { parseTable } from '../table/parseTable.ts'
import { suggestForTable } from './suggestTask.ts'

/** A row for each number from 0. */
function suggested(header: string, rowOf: (i: number) => string, rows = 160) {
  const lines = Array.from({ length: rows }, (_, i) => rowOf(i))
  return suggestForTable(parseTable([header, ...lines, ''].join('\n')))
}
const long = 'a sentence that is long enough for anybody to call it prose'

describe('suggestForTable', () => {
  it('learns classes from numbers, not from the day', () => {
    const day = (i: number) => new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10)
    expect(suggested('date,wind,weather', (i) => `${day(i)},${i % 7}.5,${i % 2 ? 'sun' : 'rain'}`)).toEqual({
      task: 'table-classification',
      split: 'random-items',
      target: 'weather',
      why: 'weather holds classes.',
    })
  })

  it('learns from columns rather than from names, and says that it could', () => {
    const found = suggested(
      'Survived,Name,Age,Fare',
      (i) => `${i % 2},Mr Passenger ${i},${i % 80},${i % 9}.25`,
    )
    expect(found).toMatchObject({ task: 'table-classification', target: 'Survived' })
    expect(found.why).toBe(
      'Survived holds classes, which 2 other columns tell of. By Name alone: text classification.',
    )
  })

  it('takes 0 and 1 for classes, and few whole numbers where they are called so', () => {
    const of = (header: string, value: (i: number) => string) =>
      suggested(`a,b,${header}`, (i) => `${i % 7}.5,${i % 11}.5,${value(i)}`).task
    expect(of('clicked', (i) => String(i % 2))).toBe('table-classification')
    expect(of('stars', (i) => String(1 + (i % 5)))).toBe('table-classification')
    expect(of('rooms', (i) => String(1 + (i % 5)))).toBe('table-regression')
    expect(of('rating', (i) => `${1 + (i % 5)}.5`)).toBe('table-regression')
    expect(of('y', (i) => String(i))).toBe('table-regression')
  })

  it('translates what columns of languages say, and not numbers that are called as shortly', () => {
    expect(suggested('id,en,de', (i) => `${i},word ${i},Wort ${i}`)).toMatchObject({
      task: 'translation',
      text: 'en',
      target: 'de',
    })
    expect(suggested('kg,cm,kind', (i) => `${i % 9}.5,${i % 7}.5,${i % 2 ? 'a' : 'b'}`)).toMatchObject({
      task: 'table-classification',
    })
  })

  it('learns from prose whatever stands beside it, and from names where nothing does', () => {
    const stars = (i: number) => (i % 2 ? 'good' : 'bad')
    expect(suggested('useful,text,label', (i) => `${i % 5},${long} ${i},${stars(i)}`)).toMatchObject({
      task: 'text-classification',
      text: 'text',
    })
    expect(suggested('id,name,label', (i) => `${i},name ${i},${stars(i)}`)).toMatchObject({
      task: 'text-classification',
      text: 'name',
    })
  })
})
