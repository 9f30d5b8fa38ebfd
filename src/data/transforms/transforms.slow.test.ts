import fc from 'fast-check'
import { expect, it } from 'vitest'
import { transforms, transformText } from './registry.ts'

async function apply(text: string, length: number, ...steps: Parameters<typeof transformText>[1]) {
  const characters = Array.from(text)
  const pieces = async function* () {
    for (let i = 0; i < characters.length; i += length) yield characters.slice(i, i + length).join('')
  }
  const parts: string[] = []
  for await (const part of transformText(pieces(), steps)) parts.push(part)
  return parts.join('')
}

const awkward = fc
  .array(
    fc.constantFrom(
      'a',
      'A',
      'Σ',
      'ς',
      'İ',
      'é',
      'e',
      '\u0301',
      '\u0323',
      '가',
      '\u1100',
      '\u1161',
      '\u11a8',
      '😀',
      ' ',
      '\n',
      '\t',
      '\u00a0',
      '\u0344',
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))

it.each(transforms.all.map(({ id }) => id))('%s gives the same however the text is cut', async (kind) => {
  const property = fc.asyncProperty(awkward, fc.integer({ min: 1, max: 5 }), async (text, length) => {
    const step = { kind, isOneLine: false }
    expect(await apply(text, length, step)).toBe(await apply(text, 1000, step))
  })
  await fc.assert(property, { numRuns: 1000, seed: 5 })
})

it('nfc equals the platform normalisation of the whole text', async () => {
  const property = fc.asyncProperty(fc.oneof(awkward, fc.string({ unit: 'binary' })), async (text) => {
    expect(await apply(text, 2, { kind: 'nfc' })).toBe(text.normalize('NFC'))
  })
  await fc.assert(property, { numRuns: 2000, seed: 6 })
})

it('nfc holds every character that composes backward, over all of Unicode', () => {
  const wrong: string[] = []
  for (let code = 0; code < 0x110000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const transform = transforms.get('nfc').create({})
    const character = String.fromCodePoint(code)
    for (const before of ['e', '\u1100', '\uac00', '\u09c7']) {
      const cut = transform.push(before) + transform.push(character) + transform.end()
      if (cut !== (before + character).normalize('NFC')) wrong.push(code.toString(16))
    }
  }
  expect(wrong).toEqual([])
})

it('nfc keeps bounded what it holds back', () => {
  const transform = transforms.get('nfc').create({})
  const marks = '\u0301'.repeat(50_000)
  expect((transform.push(`e${marks}`) + transform.push(marks)).length).toBeGreaterThan(50_000)
})

it('lowercase makes letters small one by one', async () => {
  expect(await apply('ÄPFEL and ΟΔΟΣ', 3, { kind: 'lowercase' })).toBe('äpfel and οδοσ')
})

it('collapse-whitespace keeps paragraphs and drops the edges', async () => {
  const text = ' \n a\t b  \n  c\n \n\n\nd \n'
  expect(await apply(text, 2, { kind: 'collapse-whitespace', isOneLine: false })).toBe('a b\nc\n\nd\n')
  expect(await apply(text, 2, { kind: 'collapse-whitespace', isOneLine: true })).toBe('a b c d\n')
})

it('runs transforms in the order given', async () => {
  const oneLine = { kind: 'collapse-whitespace', isOneLine: true }
  expect(await apply('E\u0301  A', 1, { kind: 'lowercase' }, oneLine, { kind: 'nfc' })).toBe('é a')
})
