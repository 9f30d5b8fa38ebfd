import { DataError } from '../core/errors.ts'
import type { Coding, Part } from '../core/prepared.ts'
import type { SearchQuery } from '../core/search.ts'
import { noToken } from './textTokens.ts'
import { decodeImage } from './images/decodeImage.ts'
import { inColors, toSize } from './images/sizeForAll.ts'
import { createTokenizer } from './tokenizers/registry.ts'

/** What a query becomes: an item like those of the data, of which the side that was not given is empty. */
export interface QueryPart {
  readonly part: Part
  readonly unknown: readonly string[]
}

/**
 * A query as a part of one item, coded as the data of pictures and captions are. Words that the data do not have are left
 * out, and a text that is longer than theirs is cut.
 * @throws DataError `prompt-unknown` where nothing is left of a text, `picture-unreadable`
 */
export async function queryPart(query: SearchQuery, { facts, tokenizer }: Coding): Promise<QueryPart> {
  const { image, textTokens } = facts
  if (image === undefined || textTokens === undefined || tokenizer === null)
    throw new DataError('Search: needs a model of pictures and captions', {
      code: 'search-kind',
      remedy: 'Search in a run whose task is images and captions.',
    })
  const pixels = new Uint8Array(image.height * image.width * image.channels)
  const texts = new Int32Array(textTokens).fill(noToken)
  const unknown: string[] = []
  if (query.kind === 'words') {
    const coder = createTokenizer(tokenizer)
    const words = query.words.split(/\s+/).filter((word) => word !== '')
    const isKnown = (word: string) => {
      const strange = coder.unknownIn(word)
      return Array.from(word).some((letter) => !strange.includes(letter))
    }
    unknown.push(...words.filter((word) => !isKnown(word)))
    const tokens = coder.encode(words.filter(isKnown).join(' '))
    if (tokens.length === 0) throw nothingKnown(query.words, unknown)
    texts.set(tokens.subarray(0, textTokens))
  } else {
    texts[0] = 0 // an item without a text is none
    pixels.set(await pixelsOf(query, image))
  }
  const arrays = {
    pixels,
    texts,
    textIds: new Int32Array(1),
    ...(facts.classes === undefined || facts.classes.length === 0 ? {} : { labels: new Int32Array(1) }),
  }
  return { part: { count: 1, arrays }, unknown }
}

async function pixelsOf(
  { name, bytes }: Extract<SearchQuery, { kind: 'picture' }>,
  image: { readonly height: number; readonly width: number; readonly channels: number },
): Promise<Uint8Array> {
  try {
    return toSize(inColors(await decodeImage(bytes), image.channels), image).pixels
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new DataError(`Search: ${name} cannot be read as a picture: ${reason}`, {
      code: 'picture-unreadable',
      remedy: 'Take a PNG or a JPEG file.',
      cause,
    })
  }
}

function nothingKnown(words: string, unknown: readonly string[]): DataError {
  const got = unknown.length > 0 ? unknown.slice(0, 8).join(', ') : JSON.stringify(words)
  return new DataError(`Search: the model has never read any of these words, got ${got}`, {
    code: 'prompt-unknown',
    remedy: 'Use words that the captions have.',
  })
}
