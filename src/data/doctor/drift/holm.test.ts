import { expect, it } from 'vitest'
import { holm } from './holm.ts'

it('equals p.adjust of R, and leaves out what has no test', () => {
  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") is 0.03 0.06 0.06 0.02
  const adjusted = holm([0.01, null, 0.04, 0.03, 0.005])
  expect(adjusted[1]).toBeNull()
  ;[0.03, 0.06, 0.06, 0.02].forEach((value, i) =>
    expect(adjusted.filter((own) => own !== null)[i]).toBeCloseTo(value, 12),
  )
  expect(holm([0.9, 0.8])).toEqual([1, 1])
})
