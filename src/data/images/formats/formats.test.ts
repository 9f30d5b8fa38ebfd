import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeImage } from '../decodeImage.ts'
import { avifHead } from './avifHead.ts'

interface Stored {
  readonly bytes: string
  readonly width: number
  readonly height: number
  readonly pixels: string
  readonly tolerance: number
}

const stored = JSON.parse(readFileSync('tests/fixtures/pictures/pictures.json', 'utf8')) as Record<
  string,
  Stored
>
const bytesOf = (name: string) => Uint8Array.from(Buffer.from(stored[name]!.bytes, 'base64'))
const drawn = (text: string) => decodeImage(new TextEncoder().encode(text))

describe('a picture', () => {
  it.each(Object.keys(stored))('is read as Pillow reads it: %s', async (name) => {
    const { width, height, pixels, tolerance } = stored[name]!
    const found = await decodeImage(bytesOf(name))
    expect(found).toMatchObject({ width, height, channels: 3 })
    const expected = Buffer.from(pixels, 'base64')
    expect(found.pixels.length).toBe(expected.length)
    const worst = Math.max(...found.pixels.map((value, i) => Math.abs(value - expected[i]!)))
    expect(worst).toBeLessThanOrEqual(tolerance)
  })

  const oneOfEach = [
    'webp lossy',
    'webp, moving, whose first frame is a part',
    'avif',
    'gif',
    'bmp of 24 bits',
  ]
  it.each(oneOfEach)(
    'that is cut off anywhere is an error or a picture, and the next one is read: %s',
    async (name) => {
      const whole = bytesOf(name)
      let errors = 0
      for (let end = 14; end < whole.length; end += Math.ceil(whole.length / 40)) {
        const found = await decodeImage(whole.subarray(0, end)).catch((error: unknown) => error)
        if (found instanceof Error) errors++
        else expect(found).toMatchObject({ channels: 3 })
      }
      expect(errors).toBeGreaterThan(5)
      expect((await decodeImage(whole)).width).toBe(stored[name]!.width)
    },
  )

  it('that claims to be huge is refused before it is decoded', async () => {
    const gif = bytesOf('gif')
    gif.fill(255, 6, 10)
    await expect(decodeImage(gif)).rejects.toThrow('65535 × 65535 pixels are too many')
    const webp = bytesOf('webp turned by EXIF 3')
    webp.fill(255, 24, 30)
    await expect(decodeImage(webp)).rejects.toThrow(/16777216 × 16777216 pixels are too many/)
    const avif = bytesOf('avif')
    const at = Buffer.from(avif).indexOf('ispe') + 8
    new DataView(avif.buffer).setUint32(at, 100_000)
    new DataView(avif.buffer).setUint32(at + 4, 100_000)
    await expect(decodeImage(avif)).rejects.toThrow('100000 × 100000 pixels are too many')
    const bmp = bytesOf('bmp of 24 bits')
    new DataView(bmp.buffer).setInt32(18, 100_000, true)
    new DataView(bmp.buffer).setInt32(22, 100_000, true)
    await expect(decodeImage(bmp)).rejects.toThrow('100000 × 100000 pixels are too many')
  })

  it('with an unknown compression of BMP says so', async () => {
    const bmp = bytesOf('bmp of 8 bits')
    bmp[30] = 1
    await expect(decodeImage(bmp)).rejects.toThrow('a BMP of 8 bits with compression 1: save it as PNG')
  })
})

describe('the head of an AVIF file', () => {
  it('never loops or reads beyond the end, whatever byte is another', () => {
    const whole = bytesOf('avif turned as by EXIF 5')
    for (let at = 0; at < whole.length; at++)
      for (const value of [0, 1, 127, 255]) {
        const broken = whole.slice()
        broken[at] = value
        try {
          avifHead(broken)
        } catch (error) {
          expect((error as Error).message).toMatch(/^(cut off|damaged)$/)
        }
      }
  })
})

describe('a drawing', () => {
  const square = '<rect x="1" y="0" width="2" height="2" fill="#f00"/>'
  const svg = (inner: string, size = 'width="4" height="2"') =>
    `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${inner}</svg>`

  it('is drawn over white at its own size', async () => {
    const { width, height, channels, pixels } = await drawn(svg(square))
    expect({ width, height, channels }).toEqual({ width: 4, height: 2, channels: 3 })
    const row = [255, 255, 255, 255, 0, 0, 255, 0, 0, 255, 255, 255]
    expect([...pixels]).toEqual([...row, ...row])
  })

  it('that is large is drawn small', async () => {
    const found = await drawn(svg(square, 'width="40000" height="20000" viewBox="0 0 4 2"'))
    expect({ width: found.width, height: found.height }).toEqual({ width: 128, height: 64 })
    expect([...found.pixels.subarray(3 * 64, 3 * 64 + 3)]).toEqual([255, 0, 0])
  })

  it('runs nothing and asks nobody', async () => {
    const hostile = `<script>globalThis.wasRun = true</script><image href="http://localhost:1/x.png" width="4" height="2"/>${square}`
    const found = await drawn(svg(hostile))
    expect([...found.pixels.subarray(3, 6)]).toEqual([255, 0, 0])
    expect(globalThis).not.toHaveProperty('wasRun')
  })

  it('of letters, of nothing, or that is broken, is refused, and the next one is drawn', async () => {
    await expect(drawn(svg('<text y="2">A</text>'))).rejects.toThrow(/drawing with text/)
    await expect(drawn('<svg xmlns="http://www.w3.org/2000/svg"><rect')).rejects.toThrow()
    const entities = `<!DOCTYPE svg [${Array.from({ length: 9 }, (_, k) => `<!ENTITY e${k + 1} "${`&e${k};`.repeat(10)}">`).join('')}<!ENTITY e0 "x">]>`
    await expect(drawn(`${entities}${svg('&e9;')}`)).rejects.toThrow()
    expect((await drawn(svg(square))).width).toBe(4)
  })
})
