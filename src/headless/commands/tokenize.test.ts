import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { recordingIo } from '../../../tests/helpers/commandIo.ts'
import tokenize from './tokenize.ts'
import train from './train.ts'

const story = 'It was the best of times, it was the worst of times.\n'.repeat(60)

let folder = ''
const at = (name: string) => join(folder, name)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bunsen-tokenize-'))
  writeFileSync(at('story.txt'), story)
})

async function run(...args: string[]): Promise<string[]> {
  const { io, lines } = recordingIo()
  expect(await tokenize.run(args, io)).toBe(0)
  return lines
}

it('learns a tokenizer, writes its file, and reads it again: the same metrics, and ids that are its tokens', async () => {
  const made = await run(
    '--train',
    at('story.txt'),
    '--vocab-size',
    '300',
    '--special',
    '<|end|>',
    '--out',
    at('t.json'),
    '--json',
  )
  const [metrics] = made.map((line) => JSON.parse(line) as Record<string, number>)
  expect(metrics).toMatchObject({
    kind: 'bpe',
    bytes: story.length,
    words: 60 * 12,
    unknownShare: 0,
    roundTripShare: 1,
  })
  expect(metrics!['bytesPerToken']).toBeCloseTo(story.length / metrics!['tokens']!, 12)
  expect(metrics!['tokensPerWord']).toBeCloseTo(metrics!['tokens']! / 720, 12)
  expect(await run('--tokenizer', at('t.json'), at('story.txt'), '--json')).toEqual(made)

  const { model } = JSON.parse(readFileSync(at('t.json'), 'utf8')) as {
    model: { vocab: Record<string, number> }
  }
  const tokens = Object.fromEntries(Object.entries(model.vocab).map(([token, id]) => [id, token]))
  const lines = await run('--tokenizer', at('t.json'), at('story.txt'), '--ids')
  expect(lines.length).toBe(60)
  const [first] = lines.map((line) =>
    line
      .split(' ')
      .map((id) => tokens[id]!.replaceAll('Ġ', ' '))
      .join(''),
  )
  expect(first).toBe(story.slice(0, story.indexOf('\n')))
})

it('tells unknown words and lines that do not come back', async () => {
  writeFileSync(at('other.txt'), 'it was\nQUITE other\n')
  await run('--train', at('story.txt'), '--kind', 'wordpiece', '--vocab-size', '64', '--out', at('t.json'))
  const [line] = await run('--tokenizer', at('t.json'), at('other.txt'), '--json')
  const metrics = JSON.parse(line!) as Record<string, number>
  // "quite" has letters that the story does not have; "other" has none.
  expect(metrics['unknownShare']).toBeCloseTo(1 / metrics['tokens']!, 12)
  expect(metrics['roundTripShare']).toBe(0.5)
})

it('trains a run with parts of words, keeps its tokenizer beside its checkpoint, and exports it from there', async () => {
  const config = {
    data: { tokenizer: { kind: 'bpe', vocabSize: 280 } },
    model: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8 },
    stages: [{ totalSteps: 2, batchSize: 1, evaluateEvery: 2 }],
    evaluation: { batches: 1, sampleEvery: 2, sampleTokens: 4 },
  }
  writeFileSync(at('config.json'), JSON.stringify(config))
  const { io, lines } = recordingIo()
  const args = [at('config.json'), '--data', at('story.txt'), '--out', at('out'), '--backend', 'cpu']
  expect(await train.run(args, io)).toBe(0)
  expect(lines.some((line) => line.includes('"train/loss"'))).toBe(true)
  await run('--tokenizer', at('out'), '--out', at('t.json'))
  expect(JSON.parse(readFileSync(at('t.json'), 'utf8'))).toEqual(
    JSON.parse(readFileSync(at('out/tokenizer.json'), 'utf8')),
  )
})

it.each([
  [['--kind', 'bpe'], /either --train or --tokenizer/],
  [['--train'], /needs the texts/],
  [['--train', 'FILE', '--kind', 'characters', '--out', 'x.json'], /characters has no tokenizer.json/],
  [['--train', 'FILE', '--kind', 'bytes', '--vocab-size', '300'], /has no size of the vocabulary/],
  [['--train', 'FILE', '--vocab-size', '12'], /vocabSize: must be between 256/],
  [['--train', 'FILE', '--special', 'a b'], /no white space/],
  [['--tokenizer', 'nowhere.json', 'FILE'], /no file or folder nowhere.json/],
  [['--tokenizer', 'FILE', 'FILE'], /must be JSON/],
  [['--tokenizer', 'FILE', 'FILE', '--vocab-size', '300'], /--vocab-size: goes with --train/],
])('refuses %j', async (args, message) => {
  await expect(run(...args.map((word) => (word === 'FILE' ? at('story.txt') : word)))).rejects.toThrow(
    message,
  )
})
