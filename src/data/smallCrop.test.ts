import { expect, it } from 'vitest'
import type { Coding, Part } from '../core/prepared.ts'
import { itemBatch } from './itemBatch.ts'
import { smallCrop } from './smallCrop.ts'

it('shows a part of the picture, of the area that is drawn, in few pixels', () => {
  // Brightness rises to the right by 1 a pixel, and down by 100: what is shown tells where it was.
  const picture = {
    height: 20,
    width: 20,
    channels: 1,
    values: Float32Array.from({ length: 400 }, (_, i) => (i % 20) + 100 * Math.floor(i / 20)),
  }
  const setting = { count: 1, size: 4, minScale: 0.16, maxScale: 0.36 }
  // Half the way between both areas, not stretched: a side of 20 √0.26, a quarter from the top, at the left edge.
  const numbers = [0.5, 0.5, 0.25, 0]
  const { height, width, values } = smallCrop(picture, setting, (index) => numbers[index]!)
  expect([height, width]).toEqual([4, 4])
  const side = 20 * Math.sqrt(0.26)
  const top = (20 - side) / 4
  values.forEach((value, i) => {
    const x = (((i % 4) + 0.5) * side) / 4 - 0.5
    const y = top + ((Math.floor(i / 4) + 0.5) * side) / 4 - 0.5
    expect(value).toBeCloseTo(x + 100 * y, 2)
  })
})

it('comes into a batch anew at each step, and for validation always the same', () => {
  const part: Part = {
    count: 2,
    arrays: { pixels: Uint8Array.from({ length: 128 }, (_, i) => (i * 37) % 256) },
  }
  const coding: Coding = {
    facts: { image: { height: 8, width: 8, channels: 1 } },
    tokenizer: null,
    pixels: { means: [0.5], deviations: [0.5] },
  }
  const of = (step: number | null, names = ['smallView0', 'smallView1']) =>
    itemBatch(Object.fromEntries(names.map((name) => [name, { perItem: 16 }])), {
      part,
      places: Int32Array.of(1, 0),
      coding,
      augmentations: [{ kind: 'crop-resize', minScale: 0.4, maxStretch: 1 }],
      textAugmentations: [],
      mixing: { kind: 'none' },
      smallCrops: { count: 2, size: 4, minScale: 0.1, maxScale: 0.3 },
      drawing: step === null ? null : { seed: 1, step, firstRow: 0 },
    })
  const { smallView0: first, smallView1: second } = of(3)
  expect([first!.length, second!.length]).toEqual([32, 32])
  expect(second).not.toEqual(first)
  expect(of(3)).toEqual({ smallView0: first, smallView1: second })
  expect(of(4)['smallView0']).not.toEqual(first)
  expect(of(null)).toEqual(of(null))
})
