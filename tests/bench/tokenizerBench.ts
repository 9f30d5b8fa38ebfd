import { loadBundled } from '../../src/data/datasets/bundledNode.ts'
import { trainBpe } from '../../src/data/tokenizers/bpe.ts'
import { createTokenizer } from '../../src/data/tokenizers/registry.ts'
import { countWords, wordTable } from '../../src/data/tokenizers/subword/countWords.ts'
import { learnMerges } from '../../src/data/tokenizers/subword/learnMerges.ts'
import { scanGpt2 } from '../../src/data/tokenizers/subword/scanWords.ts'
import { naiveMerges } from './naiveMerges.ts'

/** What learning and using a byte-level BPE takes. Sizes in bytes of UTF-8. */
export interface TokenizerResult {
  /** Learning from all of the largest bundled text, of which no part stands twice. */
  readonly text: { readonly id: string; readonly bytes: number }
  readonly merges: number
  readonly learnMs: number
  /** Both from the beginning of that text, to the same merges. */
  readonly small: {
    readonly bytes: number
    readonly merges: number
    readonly learnMs: number
    readonly naiveMs: number
    readonly areSame: boolean
  }
  /** The same vocabulary and lines, `hub` by @huggingface/tokenizers; new words cost more than known ones. */
  readonly encoding: {
    readonly bytes: number
    readonly ms: number
    readonly hubMs: number
    readonly areSame: boolean
  }
  /** One word of so many bytes. */
  readonly longWord: { readonly bytes: number; readonly ms: number }
}

const vocabSize = 8000
const smallBytes = 200_000
const smallMerges = 300
const encodedBytes = 2_000_000
const longWordBytes = 1_000_000

export async function measureTokenizers(note: (line: string) => void): Promise<TokenizerResult> {
  const id = 'state-of-the-union'
  const { bytes } = await loadBundled(id)
  const text = new TextDecoder().decode(bytes)
  note(`tokenizer: learning from ${bytes.length} bytes`)
  const [state, learnMs] = await timed(() => trainBpe(inPieces(text), { vocabSize, minCount: 2 }, []))
  const { model } = state as { model: { merges: string[] } }

  note('tokenizer: the naive way')
  const small = await measureSmall(text.slice(0, smallBytes))

  note('tokenizer: encoding')
  const { Tokenizer } = await import('@huggingface/tokenizers')
  const hub = new Tokenizer(state, {})
  const own = createTokenizer({ kind: 'bpe', state })
  const lines = text.slice(0, encodedBytes).split(/(?<=\.) /)
  const [ids, ms] = await timed(() => lines.map((line) => own.encode(line).join()))
  const [hubIds, hubMs] = await timed(() =>
    lines.map((line) => hub.encode(line, { add_special_tokens: false }).ids.join()),
  )
  const word = text.replace(/\P{L}/gu, '').slice(0, longWordBytes)
  const [, longMs] = await timed(() => own.encode(word))
  return {
    text: { id, bytes: bytes.length },
    merges: model.merges.length,
    learnMs,
    small,
    encoding: {
      bytes: new TextEncoder().encode(lines.join('')).length,
      ms,
      hubMs,
      areSame: ids.every((row, i) => row === hubIds[i]),
    },
    longWord: { bytes: word.length, ms: longMs },
  }
}

async function measureSmall(text: string): Promise<TokenizerResult['small']> {
  const tokens = [...new Set(text)].sort()
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const idsOf = (word: string) => Array.from(word, (character) => ids.get(character)!)
  const options = { tokens, vocabSize: tokens.length + smallMerges, minCount: 2, continuation: '' }
  const [fast, learnMs] = await timed(async () =>
    learnMerges(wordTable(await countWords(inPieces(text), scanGpt2), idsOf), options),
  )
  const [slow, naiveMs] = await timed(async () => {
    const words = [...(await countWords(inPieces(text), scanGpt2))].map(([word, count]) => ({
      ids: idsOf(word),
      count,
    }))
    return naiveMerges(words, tokens, options.vocabSize)
  })
  const areSame = fast.tokens.join() === slow.tokens.join()
  return { bytes: new TextEncoder().encode(text).length, merges: smallMerges, learnMs, naiveMs, areSame }
}

async function* inPieces(text: string): AsyncGenerator<string, void, void> {
  yield text
}

async function timed<T>(work: () => T | Promise<T>): Promise<[T, number]> {
  const startedAt = performance.now()
  const made = await work()
  return [made, performance.now() - startedAt]
}

export function tokenizerLines({
  text,
  merges,
  learnMs,
  small,
  encoding,
  longWord,
}: TokenizerResult): string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`
  const rate = (bytes: number, ms: number) => `${(bytes / 1000 / ms).toFixed(2)} MB/s`
  const differs = (areSame: boolean) => (areSame ? '' : ', but they DIFFER')
  return [
    `learning: ${merges} merges from ${text.id}, ${text.bytes} bytes, in ${seconds(learnMs)}`,
    `naive: ${small.merges} merges from ${small.bytes} bytes in ${seconds(small.naiveMs)}, here ${seconds(small.learnMs)}: ${(small.naiveMs / small.learnMs).toFixed(1)} times as long${differs(small.areSame)}`,
    `encoding: ${encoding.bytes} bytes at ${rate(encoding.bytes, encoding.ms)}, @huggingface/tokenizers ${rate(encoding.bytes, encoding.hubMs)}: ${(encoding.hubMs / encoding.ms).toFixed(1)} times as long${differs(encoding.areSame)}`,
    `long word: ${longWord.bytes} bytes without white space in ${seconds(longWord.ms)}`,
  ]
}
