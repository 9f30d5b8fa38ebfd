import { expect, it } from 'vitest'
import type { HostTensor } from '../../../core/hostTensor.ts'
import { readTowers } from './towers.ts'

const tensor = (...values: number[]): HostTensor => ({
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
})

it('tells how far each tower went, and the length of its gradients', () => {
  const before = new Map([
    ['image.a', tensor(3, 0)],
    ['image.b', tensor(0, 4)],
    ['text.a', tensor(1)],
    ['other', tensor(9)],
  ])
  const after = new Map([
    ['image.a', tensor(3, 1)],
    ['image.b', tensor(0, 4)],
    ['text.a', tensor(1)],
    ['other', tensor(0)],
    ['optimizer.v.image.a', tensor(9, 16)],
    ['optimizer.m.image.a', tensor(100, 100)],
  ])
  expect(readTowers(['image.', 'text.'], { step: 7, tensors: after }, before)).toEqual({
    step: 7,
    moved: { 'image.': 0.2, 'text.': 0 },
    gradients: { 'image.': 5 },
  })
})
