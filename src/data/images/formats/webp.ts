import decode, { init } from '@jsquash/webp/decode.js'
import wasm from '@jsquash/webp/codec/dec/webp_dec.wasm?url&inline'
import type { Picture } from '../../reading/held.ts'
import { orientationOf, turned } from '../orientation.ts'
import { checkSize, ofRgba, type Rgba } from './pixels.ts'
import { wasmDecoder } from './wasmDecoder.ts'

const decodeRgba = wasmDecoder(wasm, { init, decode })

interface Chunk {
  readonly name: string
  readonly data: Uint8Array
}

/** Of a moving picture the first frame, on the canvas of all. By libwebp. */
export async function ofWebp(bytes: Uint8Array): Promise<Picture> {
  const chunks = chunksOf(bytes, 12)
  const exif = chunks.find(({ name }) => name === 'EXIF')
  const rgba = await still(bytes, chunks)
  return turned(ofRgba(rgba), exif ? orientationOf(exif.data) : 1)
}

async function still(bytes: Uint8Array, chunks: readonly Chunk[]): Promise<Rgba> {
  const size = sizeOf(chunks)
  checkSize(size.width, size.height)
  const moving = chunks.find(({ name }) => name === 'ANMF')
  if (!moving) return decodeRgba(bytes)
  const { data } = moving
  if (data.length < 16) throw new Error('cut off')
  const [left, top] = [2 * uint24(data, 0), 2 * uint24(data, 3)]
  const [width, height] = [uint24(data, 6) + 1, uint24(data, 9) + 1]
  checkSize(width, height)
  const frame = await decodeRgba(fileOf(chunksOf(data, 16), width, height))
  if (left + frame.width > size.width || top + frame.height > size.height) throw new Error('damaged')
  const canvas = new Uint8Array(size.width * size.height * 4)
  for (let y = 0; y < frame.height; y++)
    for (let x = 0; x < 4 * frame.width; x++)
      canvas[((top + y) * size.width + left) * 4 + x] = frame.data[y * frame.width * 4 + x]!
  return { ...size, data: canvas }
}

/** Chunks of a RIFF file, each filled up to an even length, from a place on. */
function chunksOf(bytes: Uint8Array, start: number): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: Chunk[] = []
  for (let at = start; at + 8 <= bytes.length;) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4))
    const length = view.getUint32(at + 4, true)
    chunks.push({ name, data: bytes.subarray(at + 8, at + 8 + length) })
    at += 8 + length + (length % 2)
  }
  return chunks
}

/** A file of one frame's chunks. */
function fileOf(chunks: readonly Chunk[], width: number, height: number): Uint8Array {
  const kept = chunks.filter(({ name }) => name === 'ALPH' || name === 'VP8 ' || name === 'VP8L')
  const head = new Uint8Array(10)
  if (kept.some(({ name }) => name === 'ALPH')) head[0] = 0x10
  putUint24(head, 4, width - 1)
  putUint24(head, 7, height - 1)
  const all = [{ name: 'VP8X', data: head }, ...kept]
  const out = new Uint8Array(12 + all.reduce((sum, { data }) => sum + 8 + data.length + (data.length % 2), 0))
  const view = new DataView(out.buffer)
  const write = (at: number, text: string, size: number): void => {
    ;[...text].forEach((letter, i) => (out[at + i] = letter.charCodeAt(0)))
    view.setUint32(at + 4, size, true)
  }
  write(0, 'RIFF', out.length - 8)
  ;[...'WEBP'].forEach((letter, i) => (out[8 + i] = letter.charCodeAt(0)))
  let at = 12
  for (const { name, data } of all) {
    write(at, name, data.length)
    out.set(data, at + 8)
    at += 8 + data.length + (data.length % 2)
  }
  return out
}

/** WebP container specification; VP8: RFC 6386, 9.1; VP8L: its specification, 3. */
function sizeOf(chunks: readonly Chunk[]): { width: number; height: number } {
  const [first] = chunks
  const { name, data } = first ?? { name: '', data: new Uint8Array() }
  if (data.length < 10) throw new Error('cut off')
  if (name === 'VP8X') return { width: uint24(data, 4) + 1, height: uint24(data, 7) + 1 }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (name === 'VP8L') {
    const bits = view.getUint32(1, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  if (name === 'VP8 ')
    return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff }
  throw new Error('damaged')
}

function uint24(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
}

function putUint24(bytes: Uint8Array, at: number, value: number): void {
  for (let k = 0; k < 3; k++) bytes[at + k] = (value >> (8 * k)) & 0xff
}
