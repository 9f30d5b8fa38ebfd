import { expect, it } from 'vitest'
import { readSynonymLines } from './synonymLines.ts'

it('reads words with others, whatever their case, and joins what is said twice', () => {
  const { others, bad } = readSynonymLines(
    '# mine\nQuick: fast,  very fast\r\n\n  schön :hübsch\nquick: fast, rapid\n',
  )
  expect([...others]).toEqual([
    ['quick', ['fast', 'very fast', 'rapid']],
    ['schön', ['hübsch']],
  ])
  expect(bad).toEqual([])
})

it('tells bad lines by their numbers, and keeps the others', () => {
  const lines = [
    'good: fine',
    'no colon',
    '',
    ': nothing',
    'two words: one',
    'end:',
    'a: b,, c',
    'x: y: z',
    'b4: c',
  ]
  const { others, bad } = readSynonymLines(lines.join('\n'))
  expect([...others.keys()]).toEqual(['good'])
  expect(bad.map(({ line }) => line)).toEqual([2, 4, 5, 6, 7, 8, 9])
  for (const { line, message } of bad) expect(message).toContain(lines[line - 1])
})
