import { describe, expect, it } from 'vitest'
import type { IntField, NumberField } from '../../core/schema.ts'
import { nearestStop, nextValue, stopsOf } from './stops.ts'

const described = { label: 'L', help: 'H' }
const layers: IntField = { ...described, type: 'int', default: 4, min: 1, max: 12 }
const batchSize: IntField = { ...described, type: 'int', default: 16, min: 1, max: 4096, scale: 'log' }
const steps: IntField = { ...described, type: 'int', default: 2000, min: 1, max: 1e8, scale: 'log' }
const dropoutRate: NumberField = { ...described, type: 'number', default: 0, min: 0, max: 0.3, step: 0.05 }
const learningRate: NumberField = {
  ...described,
  type: 'number',
  default: 0.001,
  min: 1e-7,
  max: 1,
  scale: 'log',
}
const seed: IntField = { ...described, type: 'int', default: 42, min: 0, max: 4294967295 }

describe('stopsOf', () => {
  it('takes every step of a short linear range', () => {
    expect(stopsOf(layers)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(stopsOf(dropoutRate)).toEqual([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
  })
  it('takes powers of two and their halves for sizes', () => {
    expect(stopsOf(batchSize)?.slice(0, 9)).toEqual([1, 2, 3, 4, 6, 8, 12, 16, 24])
    expect(stopsOf(batchSize)?.at(-1)).toBe(4096)
  })
  it('takes round values of each decade for long ranges, whole ones for whole numbers', () => {
    expect(stopsOf(steps)?.slice(0, 12)).toEqual([1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100])
    expect(stopsOf(learningRate)).toContain(0.0015)
    expect(stopsOf(learningRate)?.[0]).toBe(1e-7)
  })
  it('takes round values of a linear range that is too long for steps', () => {
    expect(stopsOf({ ...batchSize, scale: 'linear' })).toEqual(stopsOf(batchSize))
  })
  it('gives none where a slider would be of no use', () => expect(stopsOf(seed)).toBeNull())
  it('ascends strictly within the bounds', () => {
    for (const field of [layers, batchSize, steps, dropoutRate, learningRate]) {
      const stops = stopsOf(field)!
      stops.slice(1).forEach((stop, i) => expect(stop).toBeGreaterThan(stops[i]!))
      expect([stops[0], stops.at(-1)]).toEqual([field.min, field.max])
    }
  })
})

describe('nextValue', () => {
  it('goes to the next stop from between two', () => {
    expect(nextValue(batchSize, 20, 1)).toBe(24)
    expect(nextValue(batchSize, 20, -1)).toBe(16)
  })
  it('stays at the bounds', () => {
    expect(nextValue(layers, 12, 1)).toBe(12)
    expect(nextValue(seed, 0, -1)).toBe(0)
  })
  it('steps by one where there are no stops', () => expect(nextValue(seed, 42, 1)).toBe(43))
})

it('finds the nearest stop', () => expect(nearestStop([1, 10, 100], 40)).toBe(1))
