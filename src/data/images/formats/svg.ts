import { Resvg } from '@resvg/resvg-wasm'
import wasm from '@resvg/resvg-wasm/index_bg.wasm?url&inline'
import type { Picture } from '../../reading/held.ts'
import { longestSide, ofRgba } from './pixels.ts'
import { startResvg } from './startResvg.ts'
import { bytesOfUrl } from './wasmDecoder.ts'

/**
 * A drawing as it is seen, over white. By resvg, which runs no scripts and asks no host for anything; it has no fonts, so that
 * drawings with letters in them are refused.
 */
export async function ofSvg(bytes: Uint8Array): Promise<Picture> {
  const text = new TextDecoder().decode(bytes)
  if (/<text[\s>]/.test(text))
    throw new Error('a drawing with text, for which there are no fonts: save it as PNG')
  await startResvg(() => bytesOfUrl(wasm))
  const drawing = new Resvg(text)
  const { width, height } = drawing
  drawing.free()
  if (!(width > 0 && height > 0)) throw new Error('no pixels')
  const fitTo =
    Math.max(width, height) <= longestSide
      ? ({ mode: 'original' } as const)
      : ({ mode: width >= height ? 'width' : 'height', value: longestSide } as const)
  const sized = new Resvg(text, { fitTo, background: '#fff' })
  const image = sized.render()
  try {
    return ofRgba({ width: image.width, height: image.height, data: image.pixels })
  } finally {
    image.free()
    sized.free()
  }
}
