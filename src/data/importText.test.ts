import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { DataError } from '../core/errors.ts'
import { collectText } from './collectText.ts'
import { importText } from './importText.ts'
import { maxTextSizeBytes } from './reading/sizeLimit.ts'
import { memorySource, type ImportSource } from './reading/source.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

async function refusal(...files: ImportSource[]): Promise<DataError> {
  const error: unknown = await collectText(files).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(DataError)
  return error as DataError
}

it('gives a single UTF-8 file back byte by byte, with its hash and counts', async () => {
  const text = 'Zwölf Boxkämpfer\njagen 😀\n\n\n'
  const result = await collectText([memorySource('a.txt', text, 3)])
  expect(result.text).toBe(text)
  expect(result.sha256).toBe(createHash('sha256').update(text, 'utf8').digest('hex'))
  expect(result.sizeBytes).toBe(bytesOf(text).length)
  expect(result.counts).toEqual({
    characters: text.length,
    lines: 4,
    distinctCharacters: new Set(text).size,
    records: 1,
  })
  expect(result.files).toEqual([{ name: 'a.txt', sizeBytes: bytesOf(text).length, importer: 'plain-text' }])
  expect(result.notices).toEqual([])
})

it('makes every kind of line end one, also across pieces, and drops the byte order mark', async () => {
  const { text } = await collectText([memorySource('a.txt', '\uFEFFa\r\nb\rc\r\n\r\nd\r', 2)])
  expect(text).toBe('a\nb\nc\n\nd\n')
})

it('joins files in the order of their names with a blank line between', async () => {
  const files = [
    memorySource('b10.txt', 'last\n'),
    memorySource('b9.txt', '\nmiddle'),
    memorySource('a.txt', 'first\n\n\n'),
  ]
  const result = await collectText(files)
  expect(result.text).toBe('first\n\n\nmiddle\n\nlast\n')
  expect(result.counts.records).toBe(3)
  expect(result.files.map((file) => file.name)).toEqual(['a.txt', 'b9.txt', 'b10.txt'])
})

it('takes files of different formats as one set', async () => {
  const files = [
    memorySource('1.jsonl', '{"text":"one"}\n{"text":"two"}'),
    memorySource('2.csv', 'id,text\n1,three is long\n2,"four, too"\n'),
  ]
  expect((await collectText(files)).text).toBe('one\n\ntwo\n\nthree is long\n\nfour, too')
})

it('reports progress over all bytes, first of the check and then of the reading', async () => {
  const seen: string[] = []
  const files = [memorySource('a', 'x'.repeat(10), 5), memorySource('b', 'y'.repeat(5), 5)]
  await collectText(files, {
    onProgress: ({ phase, doneBytes, totalBytes }) => seen.push(`${phase} ${doneBytes}/${totalBytes}`),
  })
  expect(seen).toEqual([
    'reading 5/15',
    'reading 10/15',
    'reading 15/15',
    'decoding 5/15',
    'decoding 10/15',
    'decoding 15/15',
  ])
})

it('stops with "cancelled" when the signal is aborted, and lets go of the file', async () => {
  const controller = new AbortController()
  let isReleased = false
  const endless: ImportSource = {
    name: 'endless.txt',
    sizeBytes: 1000,
    stream: () =>
      new ReadableStream<Uint8Array>({
        pull: (stream) => stream.enqueue(bytesOf('text ')),
        cancel: () => void (isReleased = true),
      }),
  }
  const running = collectText([endless], { signal: controller.signal, onProgress: () => controller.abort() })
  await expect(running).rejects.toMatchObject({ name: 'DataError', code: 'cancelled' })
  expect(isReleased).toBe(true)
})

it('yields pieces that end at the ends of characters', async () => {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let pieces = 0
  for await (const piece of importText([memorySource('a.txt', '😀ö'.repeat(200_000), 7777)])) {
    decoder.decode(piece)
    pieces++
  }
  expect(pieces).toBeGreaterThan(2)
})

it('refuses no files, empty and blank files by name', async () => {
  expect((await refusal()).code).toBe('no-files')
  expect(await refusal(memorySource('a.txt', 'good'), memorySource('void.txt', ''))).toMatchObject({
    code: 'empty-file',
    message: expect.stringContaining('void.txt') as string,
  })
  expect((await refusal(memorySource('blank.txt', ' \n\t\n'))).code).toBe('empty-file')
})

it('refuses more than a set may hold before reading, and a stream that holds more than it said', async () => {
  const huge = { ...memorySource('huge.txt', 'x'), sizeBytes: maxTextSizeBytes + 1 }
  expect(await refusal(huge)).toMatchObject({
    code: 'too-large',
    message: expect.stringContaining('4000 MB') as string,
  })
  const piece = new Uint8Array(5000).fill(65)
  const lying = {
    name: 'l.txt',
    sizeBytes: 5,
    stream: () => new ReadableStream<Uint8Array>({ pull: (stream) => stream.enqueue(piece) }),
  }
  await expect(collectText([lying], { maxSizeBytes: 30_000 })).rejects.toMatchObject({ code: 'too-large' })
})

it('says which file could not be read when its stream fails', async () => {
  const stream = () =>
    new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('gone')) })
  const error = await refusal({ name: 'gone.txt', sizeBytes: 5, stream })
  expect(error.code).toBe('unreadable-file')
  expect(error.message).toContain('gone.txt')
})

it('says so when the content is not what the name promises', async () => {
  const { files, notices } = await collectText([memorySource('poem.jsonl', 'Tyger Tyger, burning bright\n')])
  expect(files[0]!.importer).toBe('plain-text')
  expect(notices).toEqual([
    { level: 'warning', message: expect.stringContaining('named like JSON lines') as string },
  ])
})
