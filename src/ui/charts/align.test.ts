import { describe, expect, it } from 'vitest'
import { align } from './align.ts'

describe('align', () => {
  it('puts curves with different steps on one axis and leaves holes undefined', () => {
    const dense = { xs: [0, 1, 2, 3], columns: [[10, 11, 12, 13]] }
    const sparse = { xs: [1, 4], columns: [[1, 2]] }
    expect(align([dense, sparse])).toEqual([
      [0, 1, 2, 3, 4],
      [10, 11, 12, 13, undefined],
      [undefined, 1, undefined, undefined, 2],
    ])
  })

  it('keeps gaps as null and all columns of a curve together', () => {
    expect(
      align([
        {
          xs: [0, 5],
          columns: [
            [1, null],
            [2, 3],
          ],
        },
      ]),
    ).toEqual([
      [0, 5],
      [1, null],
      [2, 3],
    ])
  })

  it('takes the last of equal x and the union in order', () => {
    const a = { xs: [2, 2, 7], columns: [[1, 9, 3]] }
    const b = { xs: [-1.5, 7, 1e9], columns: [[4, 5, 6]] }
    expect(align([a, b])).toEqual([
      [-1.5, 2, 7, 1e9],
      [undefined, 9, 3, undefined],
      [4, undefined, 5, 6],
    ])
  })

  it('gives an empty axis for no curves', () => {
    expect(align([])).toEqual([[]])
  })
})
