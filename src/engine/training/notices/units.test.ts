import { expect, it } from 'vitest'
import type { HostTensor } from '../../../core/hostTensor.ts'
import { readDeadUnits } from './units.ts'

/** [2, 10]: the first `dead` columns without a gradient. */
const layer = (dead: number, size = 1): HostTensor => ({
  dtype: 'float32',
  shape: [2, 10],
  data: Float32Array.from({ length: 20 }, (_, i) => (i % 10 < dead ? 1e-9 * size : size * (1 + i))),
})

it('counts the units whose averages are nothing beside those of others', () => {
  const tensors = new Map([
    ['h.0.c_fc.weight', layer(9)],
    ['optimizer.m.h.0.c_fc.weight', layer(3)],
    ['optimizer.m.h.1.c_fc.weight', layer(0, 1e-6)],
    ['optimizer.v.h.1.c_fc.weight', layer(9)],
    ['optimizer.m.frozen.weight', layer(10, 0)],
    ['optimizer.m.h.0.c_fc.bias', { ...layer(3), shape: [20] }],
    ['optimizer.m.narrow.weight', { ...layer(3), shape: [5, 4] }],
  ])
  expect(readDeadUnits(tensors)).toEqual([
    { layer: 'h.0.c_fc', dead: 3, units: 10 },
    { layer: 'h.1.c_fc', dead: 0, units: 10 },
  ])
  expect(readDeadUnits(new Map([['w', layer(5)]]))).toEqual([])
})
