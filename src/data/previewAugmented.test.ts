import { expect, it } from 'vitest'
import { dataConfig } from '../../tests/helpers/dataConfig.ts'
import { previewAugmented } from './previewAugmented.ts'

const picture = {
  kind: 'picture' as const,
  height: 8,
  width: 6,
  channels: 3,
  pixels: Uint8Array.from({ length: 8 * 6 * 3 }, (_, i) => (i * 5) % 256),
}
const settings = (change: Record<string, unknown>) =>
  dataConfig({ augmentations: [{ kind: 'flip', probability: 0.5 }], ...change })

it('shows a picture as it is and then as updates have it, the same for one seed', () => {
  const found = previewAugmented(picture, settings({}), { seed: 3, count: 40 })
  expect(found).toHaveLength(41)
  expect(found[0]).toEqual(picture)
  expect(previewAugmented(picture, settings({}), { seed: 3, count: 40 })).toEqual(found)
  const row = (pixels: Uint8Array, x: number) => [...pixels.subarray(3 * x, 3 * x + 3)]
  const flipped = found.filter(({ pixels }) => String(row(pixels, 0)) === String(row(picture.pixels, 5)))
  expect(flipped.length).toBeGreaterThan(10)
  expect(flipped.length).toBeLessThan(30)
})

it('in the size and the colours of the settings', () => {
  const [first, second] = previewAugmented(
    picture,
    settings({ images: { size: 4, color: 'grey' }, augmentations: [{ kind: 'shift', pixels: 2 }] }),
    { seed: 3, count: 1 },
  )
  expect(first).toMatchObject({ height: 4, width: 4, channels: 1 })
  expect(second!.pixels).toHaveLength(16)
})
