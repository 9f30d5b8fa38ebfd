import { expect, it } from 'vitest'
import { placeOf } from './place.ts'

const none = new URLSearchParams()

it.each([
  ['', 'train'],
  ['index.html', 'train'],
  ['data', 'data'],
  ['runs', 'runs'],
  ['runs/', 'runs'],
  ['compare', 'compare'],
  ['nowhere', 'missing'],
  ['data/more', 'missing'],
  ['runs/a/b', 'missing'],
])('takes %j for the place %s', (path, name) => expect(placeOf(path, none).name).toBe(name))

it('reads the id of a run, decoded, and survives a broken escape', () => {
  expect(placeOf('runs/m2k9%20x', none)).toEqual({ name: 'run', id: 'm2k9 x', query: none })
  expect(placeOf('runs/%E0%A4%A', none).id).toBe('%E0%A4%A')
})
