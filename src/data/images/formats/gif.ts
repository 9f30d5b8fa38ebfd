import { GifReader } from 'omggif'
import type { Picture } from '../../reading/held.ts'
import { checkSize, ofRgba } from './pixels.ts'

/** Of a moving picture the first frame; places without one are clear. */
export function ofGif(bytes: Uint8Array): Picture {
  if (bytes.length < 13) throw new Error('cut off')
  const width = bytes[6]! | (bytes[7]! << 8)
  const height = bytes[8]! | (bytes[9]! << 8)
  checkSize(width, height)
  const reader = new GifReader(bytes)
  const frame = reader.frameInfo(0)
  if (frame.x + frame.width > width || frame.y + frame.height > height) throw new Error('damaged')
  const data = new Uint8Array(width * height * 4)
  reader.decodeAndBlitFrameRGBA(0, data)
  return ofRgba({ width, height, data })
}
