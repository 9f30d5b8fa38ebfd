import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../core/errors.ts'
import { defaultsOf } from '../../core/schema.ts'
import { collectText } from '../collectText.ts'
import { decodeText } from '../reading/decodeText.ts'
import { memorySource } from '../reading/source.ts'
import { importers } from './registry.ts'

const fragments = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '""',
  ',',
  ';',
  '\t',
  '|',
  ':',
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\\',
  '\\u',
  '\\ud800',
  'text',
  '"text":',
  '# ',
  '---',
  '```',
  'a',
  'ö',
  '😀',
  '0',
  '-1e999',
  'null',
  '\uFEFF',
]
const syntax = fc.array(fc.constantFrom(...fragments), { maxLength: 60 }).map((parts) => parts.join(''))
const names = fc.constantFrom(
  'a',
  'a.txt',
  'a.md',
  'a.jsonl',
  'a.csv',
  'a.tsv',
  'a.json',
  '.',
  '',
  '10',
  'ä/b.CSV',
)
const content = fc.oneof(
  syntax.map((text) => new TextEncoder().encode(text)),
  fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 300 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
)

/** A result, or an error of ours with a code; anything else fails. */
async function settle(reading: Promise<unknown>): Promise<void> {
  await reading.catch((error: unknown) => {
    expect(error).toBeInstanceOf(DataError)
    expect((error as DataError).code).toMatch(/^[a-z-]+$/)
  })
}

describe.each(importers.all)('the importer $id', (importer) => {
  it('gives text or a clear error for whatever it is handed', async () => {
    const property = fc.asyncProperty(
      content,
      names,
      fc.integer({ min: 1, max: 40 }),
      async (bytes, name, pieceSize) => {
        const score = importer.sniff(bytes, name)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
        const source = memorySource(name, bytes, pieceSize)
        const pieces = async function* () {
          const chunks = Array.from({ length: Math.ceil(bytes.length / pieceSize) }, (_, i) =>
            bytes.subarray(i * pieceSize, (i + 1) * pieceSize),
          )
          yield* chunks
        }
        const text = () => decodeText(name, pieces(), 'utf-8')
        const context = { signal: undefined, notify: () => undefined, mostBroken: 0.5 }
        const read = async () => {
          for await (const record of importer.open(
            { ...source, text },
            defaultsOf(importer.fields),
            context,
          )) {
            expect(typeof record.text).toBe('string')
          }
        }
        await settle(read())
      },
    )
    await fc.assert(property, { numRuns: 1000, seed: 7 })
  })
})

it('importing anything gives canonical text or a clear error, the same however it is cut', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.tuple(names, content), { minLength: 1, maxLength: 3 }),
    async (files) => {
      const read = (size: number) =>
        collectText(files.map(([name, bytes]) => memorySource(name, bytes, size)))
      const whole = await read(1e6).catch((error: unknown) => error)
      const cut = await read(3).catch((error: unknown) => error)
      if (whole instanceof DataError) {
        expect(cut).toMatchObject({ code: whole.code, message: whole.message })
        return
      }
      expect(cut).toEqual(whole)
      const { text, counts, sizeBytes } = whole as Awaited<ReturnType<typeof collectText>>
      expect(text).not.toMatch(/\r|\p{Cs}/u)
      expect(text).toMatch(/\S/)
      expect(counts.characters).toBe(text.length)
      expect(counts.distinctCharacters).toBe(new Set(text).size)
      expect(sizeBytes).toBe(new TextEncoder().encode(text).length)
    },
  )
  await fc.assert(property, { numRuns: 1000, seed: 11 })
})
