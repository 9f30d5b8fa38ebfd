import { describe, expect, it } from 'vitest'
import { Generator } from '../core/rng.ts'
import { defaultsOf, type ConfigValue } from '../core/schema.ts'
import { augment } from './augmentations/augment.ts'
import { augmentations } from './augmentations/registry.ts'
import { weakened } from './severity.ts'
import { augmentText } from './textAugmentations/augmentText.ts'
import { createTokenizer } from './tokenizers/registry.ts'
import { textAugmentations } from './textAugmentations/registry.ts'

const generator = new Generator(5, 'tests')
/** Of whole numbers, as pictures that are stored. */
const values = Float32Array.from({ length: 9 * 7 * 3 }, (_, i) => generator.below(256, 0, i) / 255)
const picture = { height: 9, width: 7, channels: 3, values }
const rows = Array.from({ length: 40 }, (_, row) => row)

describe.each(augmentations.all)('$id', ({ id, fields }) => {
  const step = { kind: id, ...defaultsOf(fields) } as { kind: string }
  const distance = (strength: number) => {
    const steps = weakened([step], augmentations, strength)
    const changes = rows.map((row) => {
      const changed = augment(picture, steps, { seed: 1, step: 0, row, view: 'pixels' }).values
      return changed.reduce((sum, value, i) => sum + Math.abs(value - values[i]!), 0)
    })
    return changes.reduce((sum, change) => sum + change, 0) / (rows.length * values.length)
  }

  it('changes nothing without strength, more with more, and as its settings say with all', () => {
    expect(distance(0)).toBeLessThan(1e-6)
    expect(distance(0.5)).toBeGreaterThanOrEqual(distance(0.1))
    expect(distance(1)).toBeGreaterThan(distance(0.1))
    expect(weakened([step], augmentations, 1)).toEqual([step])
  })
})

describe.each(textAugmentations.all)('$id', ({ id, fields }) => {
  const tokens = Int32Array.from({ length: 30 }, (_, i) => i)
  const characters = ' ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkluv'
  const step = { kind: id, ...defaultsOf(fields) } as { kind: string }

  it('changes nothing without strength', () => {
    const steps = weakened([step], textAugmentations, 0)
    const tokenizer = createTokenizer({ kind: 'characters', state: { characters, hasUnknown: false } })
    const setting = { seed: 3, step: 5, vocabSize: 40, tokenizer, most: 30 }
    for (const row of rows) expect([...augmentText(tokens, steps, { ...setting, row })]).toEqual([...tokens])
  })
})

it('moves settings in a line, whole ones to whole numbers', () => {
  const steps: ({ kind: string } & Record<string, ConfigValue>)[] = [
    { kind: 'rotate', degrees: 40 },
    { kind: 'posterise', bits: 4, probability: 0.2 },
    { kind: 'crop-resize', minScale: 0.4, maxStretch: 2 },
  ]
  const [rotate, posterise, crop] = weakened(steps, augmentations, 0.3)
  expect(rotate!['degrees']).toBeCloseTo(12, 12)
  expect(posterise).toEqual({ kind: 'posterise', bits: 7, probability: 0.2 })
  expect(crop!['minScale']).toBeCloseTo(0.82, 12)
  expect(crop!['maxStretch']).toBeCloseTo(1.3, 12)
})
