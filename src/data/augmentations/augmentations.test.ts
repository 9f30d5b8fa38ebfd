import { describe, expect, it } from 'vitest'
import { Generator } from '../../core/rng.ts'
import { defaultsOf } from '../../core/schema.ts'
import { augment } from './augment.ts'
import type { Picture } from './defineAugmentation.ts'
import { augmentations } from './registry.ts'

function randomPicture(height: number, width: number, channels: number): Picture {
  const generator = new Generator(5, 'tests')
  const values = Float32Array.from({ length: height * width * channels }, (_, i) => generator.uniform(0, i))
  return { height, width, channels, values }
}

/** Draws that are always the same. */
const apply = (id: string, picture: Picture, params: Record<string, number>, draws: number[] = [0]) =>
  augmentations.get(id).apply(picture, params, (index) => draws[index] ?? 0)

describe.each(augmentations.all)('$id', ({ id, fields }) => {
  const step = { kind: id, ...defaultsOf(fields) } as Parameters<typeof augment>[1][number]
  const at = { seed: 1, step: 2, row: 3, view: 'view a' }

  it('keeps size and range, and leaves its input alone', () => {
    for (const [height, width] of [
      [1, 1],
      [5, 8],
      [9, 4],
    ] as const) {
      for (const channels of [1, 3]) {
        const picture = randomPicture(height, width, channels)
        const before = picture.values.slice()
        for (let row = 0; row < 20; row++) {
          const changed = augment(picture, [step], { ...at, row })
          expect(changed).toMatchObject({ height, width, channels })
          expect(changed.values).toHaveLength(before.length)
          expect(changed.values.every((value) => value >= 0 && value <= 1.000001)).toBe(true)
        }
        expect(picture.values).toEqual(before)
      }
    }
  })

  it('depends on seed, step, row and view, and on nothing else', () => {
    const picture = randomPicture(12, 12, 3)
    const draw = (change: Partial<typeof at>) =>
      Array.from({ length: 8 }, (_, i) =>
        [...augment(picture, [step], { ...at, ...change, row: (change.row ?? at.row) + i }).values].join(),
      )
    expect(draw({})).toEqual(draw({}))
    for (const other of [{ seed: 2 }, { step: 3 }, { row: 50 }, { view: 'view b' }])
      if (id !== 'flip' && id !== 'greyscale' && id !== 'posterise') expect(draw(other)).not.toEqual(draw({}))
  })
})

describe('each does what it says', () => {
  const row: Picture = { height: 1, width: 4, channels: 1, values: Float32Array.of(0, 0.25, 0.5, 1) }

  it('flips left and right, of every channel apart', () => {
    expect([...apply('flip', row, { probability: 1 }).values]).toEqual([1, 0.5, 0.25, 0])
    const colours = { height: 1, width: 2, channels: 3, values: Float32Array.of(0, 0.5, 1, 0.25, 0.75, 0) }
    expect([...apply('flip', colours, { probability: 1 }).values]).toEqual([0.25, 0.75, 0, 0, 0.5, 1])
    expect(apply('flip', row, { probability: 0 })).toBe(row)
  })

  it('shifts by whole pixels, and the edge goes on', () => {
    expect([...apply('shift', row, { pixels: 1 }, [0.5, 0.99]).values]).toEqual([0, 0, 0.25, 0.5])
    expect([...apply('shift', row, { pixels: 1 }, [0.5, 0]).values]).toEqual([0.25, 0.5, 1, 1])
    expect(apply('shift', row, { pixels: 1 }, [0.5, 0.5])).toBe(row)
  })

  it('turns by a right angle as by hand', () => {
    const square: Picture = { height: 2, width: 2, channels: 1, values: Float32Array.of(0.1, 0.2, 0.3, 0.4) }
    const turned = apply('rotate', square, { degrees: 90 }, [0.9999999999])
    const other = apply('rotate', square, { degrees: 90 }, [0])
    const rounded = ({ values }: Picture) => [...values].map((value) => Math.round(10 * value))
    expect([rounded(turned), rounded(other)]).toEqual([
      [2, 4, 1, 3],
      [3, 1, 4, 2],
    ])
  })

  it('shows the whole where the part is the whole, and a corner at full size', () => {
    const whole = apply('crop-resize', row, { minScale: 1, maxStretch: 1 }, [0.3, 0.5, 0.5, 0.5])
    expect([...whole.values]).toEqual([...row.values])
    const flat = randomPicture(8, 8, 1)
    const corner = apply('crop-resize', flat, { minScale: 0.25, maxStretch: 1 }, [0, 0.5, 0, 0])
    // Between pixels of the upper left quarter, so within their range.
    const quarter = [0, 1, 2, 3, 4].flatMap((y) => [...flat.values.subarray(8 * y, 8 * y + 5)])
    expect(Math.max(...corner.values)).toBeLessThanOrEqual(Math.max(...quarter))
    expect(Math.min(...corner.values)).toBeGreaterThanOrEqual(Math.min(...quarter))
  })

  it('blurs without making an image lighter or darker', () => {
    const grey = { ...row, values: new Float32Array(4).fill(0.3) }
    for (const value of apply('blur', grey, { deviation: 2, probability: 1 }, [0, 0.9]).values)
      expect(value).toBeCloseTo(0.3, 6)
    const edge: Picture = {
      height: 1,
      width: 9,
      channels: 1,
      values: Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0),
    }
    const soft = apply('blur', edge, { deviation: 1, probability: 1 }, [0, 0.9]).values
    expect(soft[4]).toBeLessThan(0.6)
    expect(soft.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
    expect(soft[3]).toBeCloseTo(soft[5]!, 6)
  })

  it('leaves as many steps of brightness as it says', () => {
    expect([...apply('posterise', row, { bits: 1, probability: 1 }).values]).toEqual([0, 0, 1, 1])
  })

  it('takes away colours by their luma, and not from what has none', () => {
    const red: Picture = { height: 1, width: 1, channels: 3, values: Float32Array.of(1, 0, 0) }
    for (const value of apply('greyscale', red, { probability: 1 }).values)
      expect(value).toBeCloseTo(0.299, 6)
    expect(apply('greyscale', row, { probability: 1 })).toBe(row)
    const pale = apply(
      'color-jitter',
      red,
      { brightness: 0, contrast: 0, saturation: 1, probability: 1 },
      [0, 0, 0, 0],
    )
    expect(pale.values[0]).toBeCloseTo(0.299, 6)
  })

  it('covers a rectangle of the size that it drew', () => {
    const flat: Picture = {
      height: 10,
      width: 10,
      channels: 1,
      values: Float32Array.from({ length: 100 }, (_, i) => i % 2),
    }
    const covered = apply('erase', flat, { maxArea: 0.25, probability: 1 }, [0, 0.9999, 0.5, 0.5, 0.5])
    expect(covered.values.filter((value) => value === 0.5)).toHaveLength(25)
  })
})
