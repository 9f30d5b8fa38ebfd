import { expect, it } from 'vitest'
import { dataConfig } from '../../../tests/helpers/dataConfig.ts'
import { tokensOf } from '../../core/prepared.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { prepare } from '../prepare.ts'
import { trainBpe } from '../tokenizers/bpe.ts'
import { createTokenizer } from '../tokenizers/registry.ts'

const text = 'It was the best of times, it was the worst of times. '.repeat(20)
const file = (sha256: string): DataConfig['tokenizer'] => ({
  kind: 'file',
  name: 'tokenizer.json',
  sha256,
  sizeBytes: 9,
})

async function ofOtherText() {
  const pieces = async function* () {
    yield 'best worst times '.repeat(9)
  }
  return { kind: 'bpe', state: await trainBpe(pieces(), { vocabSize: 280, minCount: 2 }, []) }
}

const request = (content: string, change: Partial<DataConfig>, kind: 'text' | 'table' = 'text') => ({
  kind,
  async *content() {
    yield new TextEncoder().encode(content)
  },
  sizeBytes: content.length,
  contentSha256: 'a'.repeat(64),
  data: dataConfig(change),
  seed: 1,
})

it('cuts a text up by the file, of which nothing is learned anew', async () => {
  const record = await ofOtherText()
  const tokenizer = { record: () => Promise.resolve(record) }
  const prepared = await prepare({ ...request(text, { tokenizer: file('b'.repeat(64)) }), tokenizer })
  const { encode, vocabSize } = createTokenizer(record)
  const held = Math.round(text.length * 0.75)
  expect([...tokensOf(prepared.train)]).toEqual([...encode(text.slice(0, held))])
  expect([...tokensOf(prepared.validation)]).toEqual([...encode(text.slice(held))])
  expect(prepared.coding.facts.vocabSize).toBe(vocabSize)
  expect(prepared.coding.tokenizer).toEqual(record)
  const other = await prepare({ ...request(text, { tokenizer: file('c'.repeat(64)) }), tokenizer })
  expect(other.key).not.toBe(prepared.key)
})

it('is missed by name and hash where there are texts, and not at all where there are none', async () => {
  const settings = { tokenizer: file('b'.repeat(64)) }
  await expect(prepare(request(text, settings))).rejects.toMatchObject({
    code: 'tokenizer-missing',
    message: expect.stringMatching(/tokenizer\.json \(9 bytes, SHA-256 b{64}\)/) as string,
  })
  await expect(prepare(request(text, { tokenizer: file('') }))).rejects.toMatchObject({
    code: 'tokenizer-missing',
    message: 'Tokenizer: no tokenizer.json has been chosen',
  })
  const numbers = `a,b\n${Array.from({ length: 12 }, (_, i) => `${i},${i % 2}`).join('\n')}\n`
  const split = { kind: 'random-items', fraction: 0.25 }
  const { coding } = await prepare(request(numbers, { ...settings, split }, 'table'))
  expect(coding.tokenizer).toBeNull()
})
