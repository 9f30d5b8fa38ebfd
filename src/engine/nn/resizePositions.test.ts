import { describe, expect, it } from 'vitest'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import { resizePositions } from './resizePositions.ts'

const grid = (rows: number, columns: number) => ({ rows, columns })

describe('resizePositions', () => {
  it('equals the cubic resize in the documentation of ONNX (half_pixel, a = -0.75), which is PyTorch’s', () => {
    const table = Float32Array.from({ length: 16 }, (_, i) => i + 1)
    const resized = resizePositions(table, 1, grid(4, 4), grid(8, 8))
    const firstRows = [
      0.47265625, 0.76953125, 1.24609375, 1.875, 2.28125, 2.91015625, 3.38671875, 3.68359375,
    ].concat([1.66015625, 1.95703125, 2.43359375, 3.0625, 3.46875, 4.09765625, 4.57421875, 4.87109375])
    expectClose(resized.subarray(0, 16), firstRows, { rtol: 0, atol: 1e-6 })
    expect(resized[63]).toBeCloseTo(17 - 0.47265625, 5)
  })

  it('leaves what stands before the grid, a grid of the same size, and what is the same everywhere', () => {
    const table = Float32Array.from({ length: 14 }, (_, i) => Math.sin(i))
    expect(resizePositions(table, 2, grid(2, 3), grid(2, 3))).toEqual(table)
    const larger = resizePositions(table, 2, grid(2, 3), grid(5, 4))
    expect(larger.length).toBe(42)
    expect(larger.subarray(0, 2)).toEqual(table.subarray(0, 2))
    const even = resizePositions(new Float32Array(9).fill(0.5), 1, grid(3, 3), grid(2, 7))
    expectClose(even, new Float32Array(14).fill(0.5), { rtol: 0, atol: 1e-7 })
  })

  it('refuses a table that is smaller than its grid', () => {
    expect(() => resizePositions(new Float32Array(6), 2, grid(2, 2), grid(3, 3))).toThrow(
      /at least 2 x 2 rows of 2, got 3/,
    )
  })
})
