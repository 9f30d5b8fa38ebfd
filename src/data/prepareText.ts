import { DataError } from '../core/errors.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { throwIfCancelled } from './cancel.ts'
import { cutText } from './cutText.ts'
import { prepareKey } from './prepareKey.ts'
import type { Prepared, TokenArray } from '../core/prepared.ts'
import { tokenArray } from './tokenArray.ts'
import { tooShortToSplit } from './splits/defineSplit.ts'
import { requireSplit } from './splits/registry.ts'
import { tokenizers } from './tokenizers/registry.ts'
import { transformText } from './transforms/registry.ts'

export interface PrepareTextRequest {
  /** The text in pieces that end at characters' ends. Called twice: once to learn the vocabulary, once to encode. */
  textChunks(): AsyncIterable<string>
  /** Size of the text in UTF-8, for the progress. */
  readonly sizeBytes: number
  readonly contentSha256: string
  readonly data: DataConfig
  readonly seed: number
  readonly signal?: AbortSignal
  onProgress?(progress: { done: number; total: number }): void
}

/** Tokens are held whole while one learns from them: a text may be stored that is larger than that. */
const mostTokenBytes = 1_000_000_000

/**
 * Text to token arrays: transforms, vocabulary from the whole text, split, tokens in the smallest type. The split is
 * made of the transformed text and not of the tokens, so that every tokenizer is measured on the same characters.
 * Throws `split-too-short`, `too-large` or `cancelled`.
 */
export async function prepareText(request: PrepareTextRequest): Promise<Prepared> {
  const { data, seed, signal, sizeBytes } = request
  let length = 0
  const text = async function* (pass: 0 | 1) {
    let passed = 0
    const source = async function* () {
      for await (const piece of request.textChunks()) {
        throwIfCancelled(signal)
        yield piece
        passed += piece.length
        request.onProgress?.({ done: pass * sizeBytes + Math.min(passed, sizeBytes), total: 2 * sizeBytes })
      }
    }
    for await (const piece of transformText(source(), data.transforms)) {
      if (pass === 0) length += piece.length
      yield piece
    }
  }

  const kind = tokenizers.get(data.tokenizer.kind)
  const first = text(0)
  const state = await kind.train(keptOpen(first), data.tokenizer)
  while (!(await first.next()).done); // a tokenizer need not read to the end, but the length is needed
  const tokenizer = kind.create(state)
  const validationStretches = requireSplit(data.split, 'text').validation(length, data.split, seed, null)

  const trainPieces: TokenArray[] = []
  const validationPieces: TokenArray[] = []
  let tokenBytes = 0
  for await (const { text: piece, isValidation } of cutText(text(1), validationStretches)) {
    const tokens = tokenizer.encode(piece)
    tokenBytes += tokens.byteLength
    if (tokenBytes > mostTokenBytes) throw tooManyTokens(sizeBytes)
    ;(isValidation ? validationPieces : trainPieces).push(tokens)
  }
  const train = join(trainPieces, tokenizer.vocabSize)
  const validation = join(validationPieces, tokenizer.vocabSize)
  if (train.length === 0 || validation.length === 0) throw tooShortToSplit(length, 2, 'Choose a longer text.')
  request.onProgress?.({ done: 2 * sizeBytes, total: 2 * sizeBytes })
  return {
    key: prepareKey('text', request.contentSha256, data, seed),
    kind: 'text',
    train: { count: train.length, arrays: { tokens: train } },
    validation: { count: validation.length, arrays: { tokens: validation } },
    coding: { facts: { vocabSize: tokenizer.vocabSize }, tokenizer: { kind: kind.id, state } },
    sizeBytes: train.byteLength + validation.byteLength,
  }
}

function tooManyTokens(sizeBytes: number): DataError {
  return new DataError(
    `Text: the tokens of what is learned from must fit into ${mostTokenBytes / 1e6} MB, got a text of ${Math.round(sizeBytes / 1e6)} MB with more`,
    {
      code: 'too-large',
      remedy: 'Drop a part of the text, or choose a tokenizer with longer tokens.',
      details: { sizeBytes },
    },
  )
}

/** `for await` closes what it leaves early; this goes on where it left off. */
function keptOpen<T>(iterator: AsyncIterator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) }
}

/** Empties `pieces` as it goes, so that a large text is held little more than once. */
function join(pieces: TokenArray[], vocabSize: number): TokenArray {
  const whole = tokenArray(
    vocabSize,
    pieces.reduce((sum, piece) => sum + piece.length, 0),
  )
  let at = 0
  for (let i = 0; i < pieces.length; i++) {
    whole.set(pieces[i]!, at)
    at += pieces[i]!.length
    pieces[i] = new Uint8Array(0)
  }
  return whole
}
