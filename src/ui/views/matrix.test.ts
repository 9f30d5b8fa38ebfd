import { expect, it } from 'vitest'
import { matrixRows } from './matrix.ts'

it('gives shares of each row, and none of a row without items', () => {
  const rows = matrixRows({ classes: ['a', 'b'], counts: Int32Array.of(3, 1, 0, 0) })
  expect(rows[0]).toEqual({
    name: 'a',
    cells: [
      { said: 'a', count: 3, share: 0.75, isRight: true },
      { said: 'b', count: 1, share: 0.25, isRight: false },
    ],
  })
  expect(rows[1]!.cells.map(({ share }) => share)).toEqual([0, 0])
})
