import { convertIndexedToRgb, decode as decodePng, type DecodedPng } from 'fast-png'
import jpeg from 'jpeg-js'
import { checkSize, mostPixels, overWhite } from './formats/pixels.ts'
import { pngChunks } from './formats/pngChunks.ts'
import { orientationOf, turned } from './orientation.ts'
import type { Picture } from '../reading/held.ts'

export type { Picture } from '../reading/held.ts'

/** What the first bytes of a picture say that it is. */
export type ImageFormat = 'png' | 'jpeg' | 'gif' | 'webp' | 'bmp' | 'avif' | 'svg'

const startsWith = (head: Uint8Array, text: string, at = 0) =>
  [...text].every((letter, i) => head[at + i] === letter.charCodeAt(0))

/** A drawing, after what may stand before it: a mark of order, a declaration, comments, a document type. */
const svg = /^(\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>\s*)?(<!--[^]*?-->\s*)*(<!DOCTYPE\s+svg[^>]*>\s*)?<svg[\s>]/i

/** Null where the bytes are no picture that is known. */
export function imageFormat(head: Uint8Array): ImageFormat | null {
  if (startsWith(head, '\x89PNG\r\n')) return 'png'
  if (startsWith(head, '\xff\xd8\xff')) return 'jpeg'
  if (startsWith(head, 'GIF87a') || startsWith(head, 'GIF89a')) return 'gif'
  if (startsWith(head, 'RIFF') && startsWith(head, 'WEBP', 8)) return 'webp'
  if (startsWith(head, 'ftypavif', 4)) return 'avif'
  // Two letters alone begin many a text: the reserved bytes and the size of the second header tell.
  if (startsWith(head, 'BM') && startsWith(head, '\0\0\0\0', 6) && head[15] === 0) return 'bmp'
  return svg.test(String.fromCharCode(...head.subarray(0, 512))) ? 'svg' : null
}

type Decode = (bytes: Uint8Array) => Picture | Promise<Picture>

/** Those that most sets have none of are fetched when the first one comes. */
const decoders: Record<ImageFormat, () => Promise<Decode>> = {
  png: async () => ofPng,
  jpeg: async () => ofJpeg,
  gif: async () => (await import('./formats/gif.ts')).ofGif,
  webp: async () => (await import('./formats/webp.ts')).ofWebp,
  avif: async () => (await import('./formats/avif.ts')).ofAvif,
  svg: async () => (await import('./formats/svg.ts')).ofSvg,
  bmp: async () => (await import('./formats/bmp.ts')).ofBmp,
}

/**
 * A picture's pixels, what is transparent laid over white, turned upright; of a moving one the first. All are decoded by the
 * same code everywhere, so that equal files give equal bytes in every browser and in Node.
 * Throws an Error that says in a few words why it cannot be read.
 */
export async function decodeImage(bytes: Uint8Array): Promise<Picture> {
  const format = imageFormat(bytes)
  if (format === null) throw new Error('not a picture')
  const decode = await decoders[format]()
  return decode(bytes)
}

function ofPng(bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 33) throw new Error('cut off')
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  checkSize(width, height)
  const png = decodePng(pngChunks(bytes, width, height), { checkCrc: true })
  const [samples, channels] = samplesOf(png)
  const size = width * height
  if (samples.length < size * channels) throw new Error('cut off')
  const isGrey = channels < 3
  const colors = isGrey ? 1 : 3
  const hasAlpha = channels === 2 || channels === 4
  const pixels = new Uint8Array(size * colors)
  for (let i = 0; i < size; i++) {
    const alpha = hasAlpha ? samples[i * channels + channels - 1]! : isClear(png, samples, i) ? 0 : 255
    for (let color = 0; color < colors; color++)
      pixels[i * colors + color] = overWhite(samples[i * channels + color]!, alpha)
  }
  return { width, height, channels: colors, pixels }
}

/** Bytes of each sample, with the number of channels that there are. */
function samplesOf(png: DecodedPng): [samples: Uint8Array, channels: number] {
  const { data, depth, channels, width, height } = png
  if (png.palette) return [convertIndexedToRgb(png), png.palette[0]!.length]
  if (depth === 16) return [Uint8Array.from(data, (value) => value >> 8), channels]
  if (depth === 8) return [data as Uint8Array, channels]
  const samples = new Uint8Array(width * height)
  const rowBytes = Math.ceil((width * depth) / 8)
  const most = (1 << depth) - 1
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * depth
      const value = (data[y * rowBytes + (bit >> 3)]! >> (8 - depth - (bit & 7))) & most
      samples[y * width + x] = Math.round((value * 255) / most)
    }
  return [samples, 1]
}

/** One colour of a picture without an alpha channel may be the clear one (PNG specification 11.3.2.1). */
function isClear(
  { transparency, palette, depth, channels, data }: DecodedPng,
  samples: Uint8Array,
  i: number,
) {
  if (!transparency || palette) return false
  for (let channel = 0; channel < channels; channel++) {
    const clear = transparency[channel]!
    const scaled = depth < 8 ? Math.round((clear * 255) / ((1 << depth) - 1)) : clear
    const value = depth === 16 ? data[i * channels + channel] : samples[i * channels + channel]
    if (value !== scaled) return false
  }
  return true
}

function ofJpeg(bytes: Uint8Array): Picture {
  const { width, height, data, ...rest } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    maxResolutionInMP: mostPixels / 1e6,
    maxMemoryUsageInMB: 2048,
  })
  // Not in the package's types.
  const { exifBuffer } = rest as { exifBuffer?: Uint8Array }
  return turned({ width, height, channels: 3, pixels: data }, exifBuffer ? orientationOf(exifBuffer) : 1)
}
