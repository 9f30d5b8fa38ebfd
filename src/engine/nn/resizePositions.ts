import { ShapeError } from '../../core/errors.ts'

/** Rows and columns of patches. */
export interface PatchGrid {
  readonly rows: number
  readonly columns: number
}

/** PyTorch's constant of cubic convolution (Keys 1981). */
const sharpness = -0.75

/**
 * Learned positions of one grid of patches for another, on the host: bicubic as PyTorch's `F.interpolate(mode="bicubic",
 * align_corners=False)` without antialiasing, with which Hugging Face's ViT does it. Output row i lies at
 * (i + 0.5) * from.rows / to.rows - 0.5; past the edges the outermost ones are repeated. Rows before the grid's, of
 * class token or registers, stay as they are.
 * @param table [F + from.rows * from.columns, D] in row-major order
 * @param embedDim D
 * @returns [F + to.rows * to.columns, D]
 * @throws ShapeError where the table is smaller than its grid
 */
export function resizePositions(
  table: Float32Array,
  embedDim: number,
  from: PatchGrid,
  to: PatchGrid,
): Float32Array {
  const count = table.length / embedDim
  const first = count - from.rows * from.columns
  if (!Number.isInteger(first) || first < 0) {
    throw new ShapeError(
      `resizePositions: the table must have at least ${from.rows} x ${from.columns} rows of ${embedDim}, got ${count}`,
      { code: 'positions' },
    )
  }
  const resized = new Float32Array((first + to.rows * to.columns) * embedDim)
  resized.set(table.subarray(0, first * embedDim))
  const [down, across] = [tapsOf(from.rows, to.rows), tapsOf(from.columns, to.columns)]
  for (let row = 0; row < to.rows; row++) {
    for (let column = 0; column < to.columns; column++) {
      for (let i = 0; i < embedDim; i++) {
        let sum = 0
        for (const [y, ofRow] of down[row]!) {
          for (const [x, ofColumn] of across[column]!) {
            sum += ofRow * ofColumn * table[(first + y * from.columns + x) * embedDim + i]!
          }
        }
        resized[(first + row * to.columns + column) * embedDim + i] = sum
      }
    }
  }
  return resized
}

/** For each place of the new axis four places of the old one with their weights. */
function tapsOf(from: number, to: number): [place: number, weight: number][][] {
  return Array.from({ length: to }, (_, i) => {
    const at = ((i + 0.5) * from) / to - 0.5
    const left = Math.floor(at)
    return [-1, 0, 1, 2].map((offset) => {
      const place = Math.min(Math.max(left + offset, 0), from - 1)
      return [place, cubic(Math.abs(at - left - offset))]
    })
  })
}

function cubic(distance: number): number {
  const a = sharpness
  const d = distance
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
}
