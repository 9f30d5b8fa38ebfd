import type { DataConfig } from '../core/runConfig.ts'
import type { ItemView } from '../core/taskView.ts'
import { augment } from './augmentations/augment.ts'
import { fitted } from './images/fitted.ts'

type Picture = Extract<ItemView, { kind: 'picture' }>

/** A picture as training sees it: in its size and colours without a change, then as the next `count` updates would have it. */
export function previewAugmented(
  { height, width, channels, pixels }: Picture,
  { images, augmentations }: Pick<DataConfig, 'images' | 'augmentations'>,
  { seed, count }: { seed: number; count: number },
): Picture[] {
  const set = {
    count: 1,
    height,
    width,
    channels,
    pixels,
    classes: [],
    labels: new Int32Array(0),
    captions: [],
  }
  const own = fitted(set, images)
  const of = (shown: Uint8Array): Picture => ({
    kind: 'picture',
    height: own.height,
    width: own.width,
    channels: own.channels,
    pixels: shown,
  })
  const values = Float32Array.from(own.pixels, (value) => value / 255)
  const changed = Array.from({ length: count }, (_, step) =>
    augment({ ...own, values }, augmentations, { seed, step, row: 0, view: 'pixels' }),
  )
  return [
    of(own.pixels),
    ...changed.map((picture) => of(Uint8Array.from(picture.values, (value) => Math.round(value * 255)))),
  ]
}
