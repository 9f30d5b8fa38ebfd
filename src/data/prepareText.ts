import type { DataConfig } from '../core/runConfig.ts'
import { throwIfCancelled } from './cancel.ts'
import { cutText } from './cutText.ts'
import { prepareKey } from './prepareKey.ts'
import type { Prepared, TokenArray } from '../core/prepared.ts'
import { tokenArray } from './tokenArray.ts'
import { tooShortToSplit } from './splits/defineSplit.ts'
import { settling } from './settledPieces.ts'
import { requireSplit } from './splits/registry.ts'
import { tokenizers } from './tokenizers/registry.ts'
import { transformText } from './transforms/registry.ts'

export interface PrepareTextRequest {
  /** The text in pieces that end at characters' ends. Called several times: to learn the vocabulary, and to encode. */
  textChunks(): AsyncIterable<string>
  /** Size of the text in UTF-8, for the progress. */
  readonly sizeBytes: number
  readonly contentSha256: string
  readonly data: DataConfig
  readonly seed: number
  readonly signal?: AbortSignal
  onProgress?(progress: { done: number; total: number }): void
}

/**
 * Text to token arrays: transforms, vocabulary, split, tokens in the smallest type. The vocabulary is learned from the
 * whole text or from the training part, as the tokenizer has it. The split is made of the transformed text and not of the
 * tokens, so that every tokenizer is measured on the same characters. Throws `split-too-short` or `cancelled`.
 */
export async function prepareText(request: PrepareTextRequest): Promise<Prepared> {
  const { data, seed, signal, sizeBytes } = request
  const kind = tokenizers.get(data.tokenizer.kind)
  const isOfTraining = kind.learnsFrom === 'training'
  // Learning after the text was read counts as one more passage.
  const total = (isOfTraining ? 4 : 2) * sizeBytes
  let done = 0
  const tell = (to: number) =>
    request.onProgress?.({ done: (done = Math.max(done, Math.min(to, total))), total })
  const text = async function* (passage: number) {
    let passed = 0
    const source = async function* () {
      for await (const piece of request.textChunks()) {
        throwIfCancelled(signal)
        yield piece
        passed += piece.length
        tell(passage * sizeBytes + Math.min(passed, sizeBytes))
      }
    }
    yield* transformText(source(), data.transforms)
  }
  const hooks = { signal, onProgress: (share: number) => tell((2 + share) * sizeBytes) }

  let length = 0
  const measured = async function* () {
    for await (const piece of text(0)) {
      length += piece.length
      yield piece
    }
  }
  const first = measured()
  let state = isOfTraining ? null : await kind.train(keptOpen(first), data.tokenizer, hooks)
  while (!(await first.next()).done); // a tokenizer need not read to the end, but the length is needed
  const validationStretches = requireSplit(data.split, 'text').validation(length, data.split, seed, null)
  if (isOfTraining) {
    const training = async function* () {
      for await (const { text: piece, isValidation } of cutText(text(1), validationStretches))
        if (!isValidation) yield piece
    }
    state = await kind.train(training(), data.tokenizer, hooks)
  }
  const tokenizer = kind.create(state)

  const trainPieces: TokenArray[] = []
  const validationPieces: TokenArray[] = []
  const held = settling((piece) => tokenizer.settledLength(piece))
  const encode = (piece: string, isValidation: boolean) => {
    if (piece !== '') (isValidation ? validationPieces : trainPieces).push(tokenizer.encode(piece))
  }
  let wasValidation = false
  for await (const { text: piece, isValidation } of cutText(
    text(isOfTraining ? 3 : 1),
    validationStretches,
  )) {
    if (isValidation !== wasValidation) encode(held.end(), wasValidation)
    wasValidation = isValidation
    encode(held.push(piece), isValidation)
  }
  encode(held.end(), wasValidation)
  const train = join(trainPieces, tokenizer.vocabSize)
  const validation = join(validationPieces, tokenizer.vocabSize)
  if (train.length === 0 || validation.length === 0) throw tooShortToSplit(length, 2, 'Choose a longer text.')
  tell(total)
  return {
    key: prepareKey('text', request.contentSha256, data, seed),
    kind: 'text',
    train: { count: train.length, arrays: { tokens: train } },
    validation: { count: validation.length, arrays: { tokens: validation } },
    coding: { facts: { vocabSize: tokenizer.vocabSize }, tokenizer: { kind: kind.id, state } },
    sizeBytes: train.byteLength + validation.byteLength,
  }
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
