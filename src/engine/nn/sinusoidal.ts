import { ConfigError } from '../../core/errors.ts'

export interface SinusoidalOptions {
  readonly base: number
  readonly firstPosition: number
  /** Sine and cosine side by side, or all sines before all cosines. */
  readonly style: 'interleaved' | 'concatenated'
}

/**
 * Fixed positions (Vaswani et al. 2017): sin and cos of position * base^(-2i / dim), i from 0, in float64.
 * @param dim D, even for `concatenated`; an odd one ends with a sine
 * @returns [count, D]
 * @throws ConfigError
 */
export function sinusoidalTable(
  count: number,
  dim: number,
  { base, firstPosition, style }: SinusoidalOptions,
): Float32Array {
  if (style === 'concatenated') checkMultiple(dim, 2)
  const table = new Float32Array(count * dim)
  for (let row = 0; row < count; row++) {
    for (let at = 0; at < dim; at++) {
      const pair = style === 'interleaved' ? at >> 1 : at % (dim / 2)
      const isSine = style === 'interleaved' ? at % 2 === 0 : at < dim / 2
      const angle = (firstPosition + row) * base ** ((-2 * pair) / dim)
      table[row * dim + at] = isSine ? Math.sin(angle) : Math.cos(angle)
    }
  }
  return table
}

/**
 * Fixed positions of a grid in row-major order, as MAE (He et al. 2022) and open_clip: the first half of the features
 * tells the column, the second the row, each as `concatenated` positions of D / 2 with base 10000.
 * @param dim D, a multiple of 4
 * @returns [rows * columns, D]
 * @throws ConfigError
 */
export function sinusoidalGrid(rows: number, columns: number, dim: number): Float32Array {
  checkMultiple(dim, 4)
  const half = dim / 2
  const options = { base: 10_000, firstPosition: 0, style: 'concatenated' } as const
  const table = sinusoidalTable(Math.max(rows, columns), half, options)
  const grid = new Float32Array(rows * columns * dim)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) * dim
      grid.set(table.subarray(column * half, (column + 1) * half), at)
      grid.set(table.subarray(row * half, (row + 1) * half), at + half)
    }
  }
  return grid
}

function checkMultiple(dim: number, factor: number): void {
  if (dim % factor === 0) return
  throw new ConfigError(`sinusoidal positions: embedDim must be a multiple of ${factor}, got ${dim}`, {
    code: 'sinusoidal-width',
    remedy: `Choose an embedDim that is a multiple of ${factor}, or learned positions.`,
  })
}
