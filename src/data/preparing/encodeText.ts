import { DataError } from '../../core/errors.ts'
import type { Prepared, TokenArray, TokenizerRecord } from '../../core/prepared.ts'
import { packPrepared, unpackPrepared } from '../../core/preparedValue.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { cutText } from '../cutText.ts'
import { tooShortToSplit, type Stretch } from '../splits/defineSplit.ts'
import { settling } from '../settledPieces.ts'
import { requireSplit } from '../splits/registry.ts'
import { defineStep } from '../steps/defineStep.ts'
import { tokenArray } from '../tokenArray.ts'
import { createTokenizer } from '../tokenizers/registry.ts'
import type { Content } from './content.ts'
import { readNormalised, type NormalisedText } from './normaliseText.ts'

/** Tokens are held whole while one learns from them: a text may be stored that is larger than that. */
const mostTokenBytes = 1_000_000_000

/**
 * Token arrays of both parts of a text, in the smallest type. The split is made of the transformed text and not of the
 * tokens, so that every tokenizer is measured on the same characters. Throws `split-too-short`, `too-large`.
 */
export default defineStep<
  { split: DataConfig['split'] },
  { content: Content; text: NormalisedText; tokenizer: TokenizerRecord },
  Omit<Prepared, 'key'>
>({
  id: 'text/tokens',
  title: 'Tokens of both parts',
  version: 1,
  codec: { pack: packPrepared, unpack: unpackPrepared },
  async run({ config: { split }, seed, inputs, signal, onProgress }) {
    const { length } = inputs.text
    const stretches = requireSplit(split, 'text').validation(length, split, seed)
    const given = { ...inputs, stretches }
    const { train, validation, vocabSize } = await encodeStretches(given, signal, onProgress)
    if (train.length === 0 || validation.length === 0)
      throw tooShortToSplit(length, 2, 'Choose a longer text.')
    return {
      kind: 'text',
      train: { count: train.length, arrays: { tokens: train } },
      validation: { count: validation.length, arrays: { tokens: validation } },
      coding: { facts: { vocabSize }, tokenizer: inputs.tokenizer },
      sizeBytes: train.byteLength + validation.byteLength,
    }
  },
})

export interface EncodedStretches {
  readonly vocabSize: number
  readonly train: TokenArray
  /** What lies in the stretches. */
  readonly validation: TokenArray
}

/**
 * Tokens of a text, those of some stretches of it apart. Throws `too-large`, `cancelled`.
 * @param onPiece is given what is cut up at once
 */
export async function encodeStretches(
  given: {
    readonly content: Content
    readonly text: NormalisedText
    readonly tokenizer: TokenizerRecord
    readonly stretches: readonly Stretch[]
  },
  signal: AbortSignal | undefined,
  onProgress: (share: number) => void,
  onPiece: (piece: string) => void = () => {},
): Promise<EncodedStretches> {
  const tokenizer = createTokenizer(given.tokenizer)
  const trainPieces: TokenArray[] = []
  const validationPieces: TokenArray[] = []
  const held = settling((piece) => tokenizer.settledLength(piece))
  let tokenBytes = 0
  const encode = (piece: string, isValidation: boolean) => {
    if (piece === '') return
    onPiece(piece)
    const tokens = tokenizer.encode(piece)
    tokenBytes += tokens.byteLength
    if (tokenBytes > mostTokenBytes) throw tooManyTokens(given.text.length)
    ;(isValidation ? validationPieces : trainPieces).push(tokens)
  }
  let wasValidation = false
  const pieces = readNormalised(given, signal, onProgress)
  for await (const { text: piece, isValidation } of cutText(pieces, given.stretches)) {
    if (isValidation !== wasValidation) encode(held.end(), wasValidation)
    wasValidation = isValidation
    encode(held.push(piece), isValidation)
  }
  encode(held.end(), wasValidation)
  const { vocabSize } = tokenizer
  return { vocabSize, train: join(trainPieces, vocabSize), validation: join(validationPieces, vocabSize) }
}

function tooManyTokens(characters: number): DataError {
  return new DataError(
    `Text: the tokens of what is learned from must fit into ${mostTokenBytes / 1e6} MB, got a text of ${Math.round(characters / 1e6)} million characters with more`,
    {
      code: 'too-large',
      remedy: 'Drop a part of the text, or choose a tokenizer with longer tokens.',
      details: { characters },
    },
  )
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
