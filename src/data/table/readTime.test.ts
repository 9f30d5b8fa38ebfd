import { describe, expect, it } from 'vitest'
import { areTimes, readTime } from './readTime.ts'

const noon = Date.UTC(2024, 1, 29, 12)

describe('readTime', () => {
  it.each([
    '2024-02-29T12:00Z',
    '2024-02-29 12:00:00.000',
    '2024-02-29T13:00+01:00',
    '2024/02/29 12:00',
    '2024/2/29 12:00:00',
    'Feb 29 2024 12:00',
    'February 29, 2024 12:00',
    'Febr. 29 2024 12:00',
    '29 Feb 2024 12:00',
    '29-feb-2024 12:00',
  ])('reads %s', (cell) => {
    expect(readTime(cell)).toBe(noon)
  })

  it.each([
    ['what may be two days', '02/03/2024'],
    ['a day that there is not', '2023-02-29'],
    ['a month that there is not', 'Fez 29 2024'],
    ['a word that begins as a month', 'Marzipan 29 2024'],
    ['month 0', '2024-00-10'],
    ['month 13', '2024/13/01'],
    ['an hour that there is not', '2024-02-29 24:01'],
    ['two ways of parting', '2024-02/29'],
    ['an ISO date with one digit', '2024-2-9'],
    ['a number', '2024'],
    ['words around it', 'on 2024-02-29'],
  ])('takes %s for no time', (_what, cell) => {
    expect(readTime(cell)).toBeNull()
  })

  it('looks at what is there', () => {
    expect(areTimes(['2024-02-29', '', 'NA'])).toBe(true)
    expect(areTimes(['2024-02-29', 'soon'])).toBe(false)
    expect(areTimes(['', ''])).toBe(false)
  })
})
