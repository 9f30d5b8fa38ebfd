import { expect, it } from 'vitest'
import { collectText } from '../collectText.ts'
import { memorySource } from '../reading/source.ts'

const read = (value: unknown, name = 'a.json') =>
  collectText([memorySource(name, typeof value === 'string' ? value : JSON.stringify(value), 11)])

it('reads a list of texts, of objects, and a list inside an object', async () => {
  expect((await read(['a', 'b'])).text).toBe('a\n\nb')
  expect((await read([{ text: 'a' }, { text: 'b' }], 'unnamed')).text).toBe('a\n\nb')
  expect((await read({ version: 1, data: [{ body: 'a' }, { body: 'b' }] })).text).toBe('a\n\nb')
})

it('tells indented JSON by its content', async () => {
  expect((await read(JSON.stringify([{ text: 'a' }], null, 2), 'x')).files[0]!.importer).toBe('json')
})

it('leaves long texts that begin with a link of a wiki to others', async () => {
  const text = `[[Home]] and more of it.\n`.repeat(4000)
  expect((await read(text, 'a.txt')).text).toBe(text)
})

it('refuses JSON that is broken, and lists without text, with where', async () => {
  await expect(read('[{"text": "a"}, {"text"')).rejects.toMatchObject({ code: 'broken-json' })
  await expect(read([1, 2])).rejects.toMatchObject({
    code: 'broken-records',
    message: expect.stringMatching(/2 of 2 entries .*entry 1/) as string,
  })
  await expect(read([])).rejects.toMatchObject({ code: 'empty-file' })
})

it('refuses files that are too large to be parsed whole', async () => {
  const large = { ...memorySource('a.json', '["a"]'), sizeBytes: 64_000_001 }
  await expect(collectText([large])).rejects.toMatchObject({
    code: 'too-large',
    remedy: expect.stringContaining('JSON lines') as string,
  })
})
