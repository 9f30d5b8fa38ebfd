import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordingIo } from '../../../tests/helpers/commandIo.ts'
import evaluate from './evaluate.ts'
import tokenize from './tokenize.ts'
import train from './train.ts'

let folder = ''
const at = (name: string) => join(folder, name)
const write = (name: string, value: string | object) =>
  writeFileSync(at(name), typeof value === 'string' ? value : JSON.stringify(value))

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bunsen-tokenizer-'))
  write('story.txt', 'It was the best of times, it was the worst of times. '.repeat(40))
  write('config.json', {
    model: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8 },
    stages: [{ totalSteps: 4, batchSize: 1, evaluateEvery: 4 }],
    evaluation: { batches: 1, sampleEvery: 0 },
  })
  const made = ['--train', at('story.txt'), '--vocab-size', '270', '--out', at('own.json')]
  expect(await tokenize.run(made, recordingIo().io)).toBe(0)
})

const run = (...args: string[]) =>
  train.run([at('config.json'), '--data', at('story.txt'), ...args, '--backend', 'cpu'], recordingIo().io)

describe('train --tokenizer', () => {
  it('trains with the file as it is, names it by its hash, and needs it no more to go on', async () => {
    expect(await run('--tokenizer', at('own.json'), '--steps', '2', '--out', at('out'))).toBe(0)
    const { config } = JSON.parse(readFileSync(at('out/run.json'), 'utf8')) as {
      config: { data: { tokenizer: unknown } }
    }
    const bytes = readFileSync(at('own.json'))
    expect(config.data.tokenizer).toEqual({
      kind: 'file',
      name: 'own.json',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      sizeBytes: bytes.length,
    })
    const parsed = (name: string) => JSON.parse(readFileSync(at(name), 'utf8')) as unknown
    expect(parsed('out/tokenizer.json')).toEqual(parsed('own.json'))
    const data = ['--data', at('story.txt'), '--backend', 'cpu']
    const { io, lines } = recordingIo()
    expect(await train.run(['--resume', at('out'), ...data], io)).toBe(0)
    expect(lines.join()).toContain('"step":4')
    expect(await evaluate.run([at('out'), ...data], recordingIo().io)).toBe(0)
  })

  it('refuses another file than the settings name, one that is missed, and what is not read exactly', async () => {
    const tokenizer = { kind: 'file', name: 'theirs.json', sha256: 'a'.repeat(64), sizeBytes: 7 }
    const config = JSON.parse(readFileSync(at('config.json'), 'utf8')) as object
    write('config.json', { ...config, data: { tokenizer } })
    await expect(run('--tokenizer', at('own.json'))).rejects.toMatchObject({ code: 'tokenizer-mismatch' })
    await expect(run()).rejects.toMatchObject({
      code: 'tokenizer-missing',
      message: expect.stringContaining('theirs.json (7 bytes') as string,
      remedy: expect.stringContaining('--tokenizer FILE') as string,
    })
    await expect(run('--tokenizer', at('none.json'))).rejects.toMatchObject({ code: 'file-not-found' })
    const own = JSON.parse(readFileSync(at('own.json'), 'utf8')) as { model: object }
    write('unigram.json', { ...own, model: { type: 'Unigram', vocab: [] } })
    await expect(run('--tokenizer', at('unigram.json'))).rejects.toMatchObject({
      code: 'tokenizer-unsupported',
      message: expect.stringContaining('Unigram') as string,
    })
    await expect(
      train.run(['--resume', at('out'), '--tokenizer', at('own.json')], recordingIo().io),
    ).rejects.toMatchObject({ code: 'bad-arguments' })
  })
})
