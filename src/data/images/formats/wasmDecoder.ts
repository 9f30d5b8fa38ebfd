import type { Rgba } from './pixels.ts'

/** A decoder of jSquash: `init` starts it, and is called anew where it broke down over a file. */
interface Codec {
  init(module: WebAssembly.Module): unknown
  decode(bytes: ArrayBuffer): Promise<Rgba | null>
}

/** The bytes of a `?url&inline` import. Node and workers get them in the same way, and no address is asked for. */
export function bytesOfUrl(url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (letter) => letter.charCodeAt(0))
}

/**
 * A function that decodes in WebAssembly: whatever a file holds, it cannot reach out of the codec's own memory.
 * @param url a `?url&inline` import of the codec's module
 */
export function wasmDecoder(url: string, { init, decode }: Codec): (bytes: Uint8Array) => Promise<Rgba> {
  let module: Promise<WebAssembly.Module> | null = null
  let isSound = false
  return async (bytes) => {
    module ??= WebAssembly.compile(bytesOfUrl(url))
    const compiled = await module
    needImageData()
    if (!isSound) init(compiled)
    isSound = false
    const found = await decode(bytes.slice().buffer)
    isSound = true
    if (found === null) throw new Error('damaged')
    return found
  }
}

/** The codecs make one to answer with, and Node has none. */
function needImageData(): void {
  if ('ImageData' in globalThis) return
  class PlainImageData implements Rgba {
    readonly data: Uint8ClampedArray
    readonly width: number
    readonly height: number
    constructor(data: Uint8ClampedArray, width: number, height: number) {
      this.data = data
      this.width = width
      this.height = height
    }
  }
  Object.assign(globalThis, { ImageData: PlainImageData })
}
