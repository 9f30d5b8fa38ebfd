import { expect, it } from 'vitest'
import { Generator } from '../../../core/rng.ts'
import { nearImages } from './nearImages.ts'

const side = 28

/** Strokes of a pen from top to bottom, slanted by a little, as handwritten ones are; all look alike. */
function strokes(count: number): Uint8Array {
  const generator = new Generator(4, 'strokes')
  const pixels = new Uint8Array(count * side * side)
  for (let item = 0; item < count; item++) {
    const drawn = Array.from({ length: 8 }, (_, word) => generator.uniform(word, item))
    const [slant, middle, width, ...bends] = drawn as [number, number, number, ...number[]]
    for (let y = 4; y < 24; y++)
      for (let x = 0; x < side; x++) {
        const bend = bends.reduce((sum, own, k) => sum + 2 * (own - 0.5) * Math.sin((k + 1) * y * 0.15), 0)
        const distance = Math.abs(x - 12 - 4 * middle - (slant - 0.5) * (y - 14) - bend)
        pixels[(item * side + y) * side + x] = 255 * Math.max(0, Math.min(1, 2 + width - distance))
      }
  }
  return pixels
}

const setOf = (pixels: Uint8Array) => ({
  count: pixels.length / side ** 2,
  height: side,
  width: side,
  channels: 1,
  pixels,
})

it('takes strokes that are merely alike for different, and a copy with noise for the same', () => {
  const count = 300
  const pixels = strokes(count)
  const alike = nearImages(setOf(pixels))
  expect(alike.length).toBeLessThan(count / 10)
  const copies = new Uint8Array(pixels.length + 5 * side ** 2)
  copies.set(pixels)
  const noise = new Generator(8, 'noise')
  for (let copy = 0; copy < 5; copy++)
    for (let at = 0; at < side ** 2; at++)
      copies[(count + copy) * side ** 2 + at] = Math.min(
        255,
        pixels[(40 * copy + 7) * side ** 2 + at]! + noise.below(6, copy, at),
      )
  const found = nearImages(setOf(copies)).filter(({ b }) => b >= count)
  for (let copy = 0; copy < 5; copy++) expect(found).toContainEqual({ a: 40 * copy + 7, b: count + copy })
  expect(found.length).toBeLessThan(10)
})

it('finds each of many copies', () => {
  const pixels = strokes(30)
  const copies = new Uint8Array(pixels.length * 4)
  for (let copy = 0; copy < 4; copy++) copies.set(pixels, copy * pixels.length)
  const joined = new Set(nearImages(setOf(copies)).map(({ a, b }) => `${a % 30} ${b % 30}`))
  for (let item = 0; item < 30; item++) expect(joined).toContain(`${item} ${item}`)
})
