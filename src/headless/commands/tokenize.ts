import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { decodeRunCheckpoint } from '../../../workers/checkpointOfRun.ts'
import { ConfigError, DataError } from '../../core/errors.ts'
import type { TokenizerRecord } from '../../core/prepared.ts'
import type { TokenizerMetrics } from '../../core/tokenizerMetrics.ts'
import { importText } from '../../data/importText.ts'
import { measureTokenizer } from '../../data/measureTokenizer.ts'
import { utf8Text } from '../../data/reading/decodeText.ts'
import { hasTokenizerFile, readTokenizerFile, tokenizerFile } from '../../data/tokenizerFile.ts'
import { createTokenizer, tokenizers } from '../../data/tokenizers/registry.ts'
import { learnTokenizer } from '../../data/learnTokenizer.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes, type CommandIo } from '../command.ts'
import { fileSources } from '../loadData.ts'
import { readWholeFile } from '../readWholeFile.ts'
import { openRunDirectory, readCheckpointFile } from '../runDirectory.ts'

const kinds = tokenizers.all.map(({ id }) => id)

/** Tokenizers by themselves: learned, read, measured and used. */
export default defineCommand({
  name: 'tokenize',
  summary: 'learns a tokenizer from texts, or measures and uses one',
  usage: [
    'tokenize --train FILE… [--kind KIND] [--vocab-size N] [--min-count N] [--cased] [--special TOKEN]… [--out FILE]',
    'tokenize --tokenizer FILE|CHECKPOINT|DIR FILE… [--ids] [--json]',
    'tokenize --tokenizer CHECKPOINT|DIR --out FILE',
    '--train          learn from these texts; a FILE may be a folder',
    `--kind KIND      ${kinds.join(', ')}; bpe when it is not given`,
    '--vocab-size N   tokens in all',
    '--min-count N    a pair of tokens that stands less often is not merged',
    '--cased          wordpiece, words: keep capitals and, of wordpiece, accents',
    '--special TOKEN  bpe, wordpiece: a token of its own, such as <|endoftext|>; the first ids in this order',
    '--tokenizer FILE a tokenizer.json of Hugging Face with byte-level BPE or WordPiece, or what a run has learned',
    '--out FILE       where the tokenizer.json goes (bpe, wordpiece)',
    '--ids            print the tokens of each line of the texts, instead of how well they fit',
    'Prints how the tokenizer does on the texts: bytes a token, tokens a word, shares of unknown tokens and of lines that',
    'come back as they were, vocabulary in use. --json prints JSON objects.',
  ],
  async run(args, io) {
    const { flags, words: paths } = parseCommandLine(args, {
      flags: {
        train: { type: 'bool' },
        kind: { type: 'choice', options: kinds },
        'vocab-size': { type: 'int', min: 1, max: 1e9 },
        'min-count': { type: 'int', min: 1, max: 1e9 },
        cased: { type: 'bool' },
        special: { type: 'text', isMultiple: true },
        tokenizer: { type: 'path' },
        out: { type: 'path' },
        ids: { type: 'bool' },
        json: { type: 'bool' },
      },
      maxWords: Infinity,
    })
    const { train: isTraining, tokenizer: from, out } = flags
    if (isTraining === (from !== null)) throw bad('needs either --train or --tokenizer FILE')
    if (paths.length === 0 && (isTraining || out === null)) throw bad('needs the texts: FILE…')
    const sources = paths.flatMap(fileSources)
    const text = () => utf8Text(importText(sources))
    let record: TokenizerRecord
    if (isTraining) {
      const kind = flags.kind ?? 'bpe'
      if (out !== null && !hasTokenizerFile({ kind })) throw bad(`--out: ${kind} has no tokenizer.json`)
      const settings = {
        kind,
        vocabSize: flags['vocab-size'],
        minCount: flags['min-count'],
        isCased: flags.cased,
        special: flags.special,
      }
      record = await learnTokenizer(text(), settings, { onProgress: progressIn(io) })
    } else {
      const given = (['kind', 'vocab-size', 'min-count'] as const).find((name) => flags[name] !== null)
      const extra = given ?? (flags.cased ? 'cased' : flags.special.length > 0 ? 'special' : undefined)
      if (extra !== undefined) throw bad(`--${extra}: goes with --train`)
      record = readTokenizer(from!)
    }
    if (out !== null) {
      openRunDirectory(dirname(out)).write(basename(out), tokenizerFile(record))
      io.note(`${out}: ${createTokenizer(record).vocabSize} tokens`)
    }
    if (paths.length === 0) return exitCodes.done
    if (flags.ids) await printIds(record, text(), flags.json, io)
    else printMetrics(record, await measureTokenizer(createTokenizer(record), text()), flags.json, io)
    return exitCodes.done
  },
})

function bad(message: string): ConfigError {
  return new ConfigError(`tokenize: ${message}`, {
    code: 'bad-arguments',
    remedy:
      'For instance: npm run bunsen -- tokenize --train story.txt --vocab-size 8000 --out tokenizer.json',
  })
}

/** A file of Hugging Face, or what a checkpoint holds. */
function readTokenizer(path: string): TokenizerRecord {
  if (!existsSync(path)) {
    throw new DataError(`tokenize: there is no file or folder ${path}`, {
      code: 'file-not-found',
      remedy: 'Check the path after --tokenizer.',
    })
  }
  const isFolder = statSync(path).isDirectory()
  // A folder of a model from a hub rather than of a run.
  if (isFolder && !readdirSync(path).includes('latest.safetensors'))
    return readTokenizer(join(path, 'tokenizer.json'))
  if (!isFolder && !path.endsWith('.safetensors')) return readTokenizerFile(readWholeFile(path))
  const { tokenizer } = decodeRunCheckpoint(readCheckpointFile(path), null).checkpoint
  if (tokenizer !== null) return tokenizer
  throw new DataError(`tokenize: ${path} holds no tokenizer: its run has no texts`, {
    code: 'no-tokenizer',
    remedy: 'Take a checkpoint of a run that reads texts.',
  })
}

function progressIn(io: CommandIo): (share: number) => void {
  let told = 0
  return (share) => {
    if (share < told + 0.1) return
    told = share
    io.note(`Learning: ${Math.round(share * 100)} %`)
  }
}

/** Each line by itself, without its end. */
async function printIds(
  record: TokenizerRecord,
  text: AsyncIterable<string>,
  isJson: boolean,
  io: CommandIo,
): Promise<void> {
  const tokenizer = createTokenizer(record)
  const print = (line: string) => {
    const ids = [...tokenizer.encode(line)]
    io.print(isJson ? JSON.stringify({ ids }) : ids.join(' '))
  }
  let held: string[] = []
  for await (const piece of text) {
    const [first = '', ...lines] = piece.split('\n')
    held.push(first)
    for (const line of lines) {
      print(held.join(''))
      held = [line]
    }
  }
  if (held.join('') !== '') print(held.join(''))
}

function printMetrics(
  record: TokenizerRecord,
  metrics: TokenizerMetrics,
  isJson: boolean,
  io: CommandIo,
): void {
  if (isJson) return io.print(JSON.stringify({ kind: record.kind, ...metrics }))
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`
  const rows = [
    ['tokenizer', `${record.kind}, ${metrics.vocabSize} tokens`],
    ['text', `${metrics.bytes} bytes, ${metrics.words} words, ${metrics.tokens} tokens`],
    ['bytes per token', metrics.bytesPerToken.toFixed(3)],
    ['tokens per word', metrics.tokensPerWord.toFixed(3)],
    ['unknown tokens', percent(metrics.unknownShare)],
    ['lines that come back', percent(metrics.roundTripShare)],
    ['vocabulary in use', percent(metrics.vocabularyUse)],
  ] as const
  for (const [name, value] of rows) io.print(`${name.padEnd(21)}${value}`)
}
