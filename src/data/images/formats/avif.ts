import decode, { init } from '@jsquash/avif/decode.js'
import wasm from '@jsquash/avif/codec/dec/avif_dec.wasm?url&inline'
import type { Picture } from '../../reading/held.ts'
import { turned } from '../orientation.ts'
import { avifHead } from './avifHead.ts'
import { checkSize, ofRgba } from './pixels.ts'
import { wasmDecoder } from './wasmDecoder.ts'

const decodeRgba = wasmDecoder(wasm, { init, decode: (bytes) => decode(bytes) })

/** By libavif, in 8 bits. */
export async function ofAvif(bytes: Uint8Array): Promise<Picture> {
  const { width, height, orientations } = avifHead(bytes)
  checkSize(width, height)
  const picture = ofRgba(await decodeRgba(bytes))
  return orientations.reduce(turned, picture)
}
