import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-wasm'
import { startResvg } from '../../images/formats/startResvg.ts'
import { encodeImageSet } from '../../images/imageSet.ts'
import { defineBundled } from '../defineBundled.ts'

/** Pixels a side. */
const side = 32
const perImage = side * side * 3

interface Described {
  readonly name: string
  readonly group: string
}

export default defineBundled({
  id: 'emoji',
  order: 12,
  title: 'Emoji with their names',
  summary: 'About 1,900 of Twemoji’s drawings, 32 × 32 in colour, with their Unicode names and groups.',
  kind: 'images',
  packageName: '@twemoji/svg',
  licence: 'MIT',
  async read(files) {
    const require = createRequire(import.meta.url)
    const described = require('unicode-emoji-json') as Record<string, Described>
    await startResvg(() => readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')))
    const drawn = new Set(await files.list('.'))
    const found = Object.entries(described).flatMap(([emoji, { name, group }]) => {
      const file = fileOf(emoji)
      return drawn.has(file) ? [{ file, name, group }] : []
    })
    const classes = [...new Set(found.map(({ group }) => group))].sort()
    const pixels = new Uint8Array(found.length * perImage)
    for (const [i, { file }] of found.entries()) {
      const image = new Resvg(await files.text(file), {
        fitTo: { mode: 'width', value: side },
        background: '#fff',
      }).render()
      const rgba = image.pixels
      for (let pixel = 0; pixel < side * side; pixel++)
        pixels.set(rgba.subarray(4 * pixel, 4 * pixel + 3), i * perImage + 3 * pixel)
      image.free()
    }
    return encodeImageSet({
      count: found.length,
      height: side,
      width: side,
      channels: 3,
      pixels,
      classes,
      labels: Int32Array.from(found, ({ group }) => classes.indexOf(group)),
      captions: found.map(({ name }) => name),
    })
  },
})

/** As Twemoji names its drawings: code points, without the sign for “in colours” where nothing is joined. */
function fileOf(emoji: string): string {
  const isJoined = emoji.includes('\u200D')
  const codes = Array.from(emoji, (sign) => sign.codePointAt(0)!.toString(16))
  return `${codes.filter((code) => isJoined || code !== 'fe0f').join('-')}.svg`
}
