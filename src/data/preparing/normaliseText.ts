import type { DataConfig } from '../../core/runConfig.ts'
import { throwIfCancelled } from '../cancel.ts'
import { utf8Text } from '../reading/decodeText.ts'
import { defineStep } from '../steps/defineStep.ts'
import { transformText } from '../transforms/registry.ts'
import type { Content } from './content.ts'

/** Of a longer text only the length is kept, so that memory stays bounded: it is transformed again as it is read. */
const mostBytes = 256 * 1024 * 1024

/** Handed on at once. */
const pieceBytes = 1024 * 1024

export interface NormalisedText {
  /** UTF-16 units after all transforms. */
  readonly length: number
  /** Still to be done while it is read. */
  readonly transforms: DataConfig['transforms']
  /** null where the content itself is to be read. */
  readonly utf8: Uint8Array | null
}

/** A text after its transforms; one without transforms is only measured. */
export default defineStep<{ transforms: DataConfig['transforms'] }, { content: Content }, NormalisedText>({
  id: 'text/normalise',
  title: 'Normalised text',
  version: 1,
  codec: {
    pack: ({ length, transforms, utf8 }) => ({
      json: { length, transforms },
      arrays: { ...(utf8 && { utf8 }) },
    }),
    unpack({ json, arrays }) {
      const { length, transforms } = json as Pick<NormalisedText, 'length' | 'transforms'>
      return { length, transforms, utf8: (arrays['utf8'] as Uint8Array | undefined) ?? null }
    },
  },
  async run({ config: { transforms }, inputs: { content }, signal, onProgress }) {
    const isCopied = transforms.length > 0 && content.sizeBytes <= mostBytes
    const encoder = new TextEncoder()
    const encoded: Uint8Array[] = []
    let length = 0
    for await (const piece of transformText(counted(content, signal, onProgress), transforms)) {
      length += piece.length
      if (isCopied) encoded.push(encoder.encode(piece))
    }
    return { length, transforms: isCopied ? [] : transforms, utf8: isCopied ? joined(encoded) : null }
  },
})

/** The text once more, telling how far it was read. Throws `cancelled`. */
export async function* readNormalised(
  { content, text }: { content: Content; text: NormalisedText },
  signal: AbortSignal | undefined,
  onProgress: (share: number) => void,
): AsyncGenerator<string, void, void> {
  const { utf8, transforms } = text
  if (utf8 === null) return yield* transformText(counted(content, signal, onProgress), transforms)
  const pieces = async function* () {
    for (let at = 0; at < utf8.length; at += pieceBytes) yield utf8.subarray(at, at + pieceBytes)
  }
  yield* counted({ pieces, sizeBytes: utf8.length }, signal, onProgress)
}

async function* counted(
  { pieces, sizeBytes }: Pick<Content, 'pieces' | 'sizeBytes'>,
  signal: AbortSignal | undefined,
  onProgress: (share: number) => void,
): AsyncGenerator<string, void, void> {
  let passed = 0
  for await (const piece of utf8Text(pieces())) {
    throwIfCancelled(signal)
    yield piece
    // Characters are at least as many bytes.
    passed += piece.length
    onProgress(Math.min(1, passed / Math.max(1, sizeBytes)))
  }
}

/** Empties `pieces` as it goes, so that a large text is held little more than once. */
function joined(pieces: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (let i = 0; i < pieces.length; i++) {
    whole.set(pieces[i]!, at)
    at += pieces[i]!.length
    pieces[i] = new Uint8Array(0)
  }
  return whole
}
