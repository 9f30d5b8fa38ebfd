import fc from 'fast-check'
import { expect, it } from 'vitest'
import { passagesOf, withoutPassages } from './passages.ts'

const texts = fc
  .array(fc.constantFrom('one', 'two\nlines', '  set in', '\n', '\n\n', '\n \t\n', '\n\n\n', ' ', '\t'))
  .map((pieces) => pieces.join(''))

/** Line by line: a passage ends where a line is blank. */
function slowPassages(text: string): string[] {
  const found: string[][] = [[]]
  for (const line of text.split('\n')) {
    if (/^[ \t]*$/.test(line)) found.push([])
    else found.at(-1)!.push(line)
  }
  return found.map((lines) => lines.join('\n').trim()).filter((passage) => passage !== '')
}

it('finds the passages that reading line by line finds', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(passagesOf(text)).toEqual(slowPassages(text))
    }),
  )
})

it('leaves out those that are named and nothing else', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat(6)), (text, places) => {
      const dropped = new Set(places)
      const left = passagesOf(text).filter((_, item) => !dropped.has(item))
      expect(passagesOf(withoutPassages(text, dropped))).toEqual(left)
      expect(withoutPassages(text, new Set())).toBe(text)
    }),
  )
})
