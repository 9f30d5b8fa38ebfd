import { zipSync, type Zippable } from 'fflate'
import { describe, expect, it } from 'vitest'
import { unzipWeights } from './unzipWeights.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const zipOf = (files: Zippable) => zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) })
const fileOf = (content: Uint8Array, name = 'my-model.zip') => new File([content.slice()], name)
const model: Zippable = {
  'model.safetensors': bytes('weights weights'),
  'config.json': bytes('{}'),
  'tokenizer.json': bytes('{"model":1}'),
}

it('takes out what it holds, the weights by the name of the zip', async () => {
  const { file, configFile, tokenizer } = (await unzipWeights(fileOf(zipOf(model))))!
  expect([file.name, configFile?.name, tokenizer?.name]).toEqual([
    'my-model.zip',
    'config.json',
    'tokenizer.json',
  ])
  expect(await file.text()).toBe('weights weights')
  expect(await tokenizer?.text()).toBe('{"model":1}')
  const packed = zipSync({ folder: { 'Model.safetensors': bytes('a'.repeat(5000)) } }, { level: 9 })
  expect(await (await unzipWeights(fileOf(packed)))!.file.text()).toBe('a'.repeat(5000))
})

it('leaves to others what is no zip, holds no weights, or holds other things beside them', async () => {
  const others: Zippable[] = [
    { 'a.txt': bytes('words') },
    { 'a.safetensors': bytes('1'), 'b.safetensors': bytes('2') },
    { 'a.safetensors': bytes('1'), 'cat.png': bytes('2') },
  ]
  for (const files of others) expect(await unzipWeights(fileOf(zipOf(files)))).toBeNull()
  expect(await unzipWeights(fileOf(bytes('plain text'), 'text.zip'))).toBeNull()
})

describe('is refused by name', () => {
  const whole = zipOf(model)
  const changed = whole.slice()
  const at = String.fromCharCode(...changed).indexOf('weights weights')
  changed[at] = 0
  const gone = fileOf(whole)
  gone.stream = () => {
    throw new Error('NotReadableError')
  }
  it.each<[what: string, file: File, code: string, words: RegExp]>([
    ['cut off', fileOf(whole.slice(0, -30)), 'broken-archive', /^my-model\.zip: the zip archive is damaged/],
    [
      'with a byte that changed',
      fileOf(changed),
      'broken-archive',
      /^my-model\.zip: model\.safetensors in it is damaged \(its CRC-32/,
    ],
    ['gone', gone, 'unreadable-file', /^my-model\.zip: the file could not be read/],
    [
      'a PyTorch file',
      fileOf(zipOf({ 'model/data.pkl': bytes('x') })),
      'unsafe-file',
      /^my-model\.zip: .*PyTorch/,
    ],
  ])('%s', async (_what, file, code, words) => {
    await expect(unzipWeights(file)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(words) as string,
    })
  })
})
