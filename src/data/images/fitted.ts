import type { DataConfig } from '../../core/runConfig.ts'
import type { ImageSet } from './imageSet.ts'
import { resize, toGrey } from './resize.ts'

/** In the size and the channels that the settings ask for; the set itself where it has them. */
export function fitted(set: ImageSet, { size, color }: DataConfig['images']): ImageSet {
  const isGrey = color === 'grey' && set.channels === 3
  const to = size === 0 ? set : { height: size, width: size }
  const isResized = to.height !== set.height || to.width !== set.width
  if (!isGrey && !isResized) return set
  const channels = isGrey ? 1 : set.channels
  const { height, width } = to
  const perImage = height * width * channels
  const pixels = new Uint8Array(set.count * perImage)
  const perOld = set.height * set.width * set.channels
  for (let item = 0; item < set.count; item++) {
    const old = set.pixels.subarray(item * perOld, (item + 1) * perOld)
    const grey = isGrey ? toGrey(old) : old
    pixels.set(isResized ? resize(grey, { ...set, channels }, to) : grey, item * perImage)
  }
  return { ...set, height, width, channels, pixels }
}
