/** Rows that stay in the processor's cache while all of their products are added. A multiple of four. */
const blockRows = 64

/**
 * Adds xᵀx and xᵀy of all rows: the sums that least squares are solved from. `gram` [D, D] has its lower half filled,
 * `cross` is [D, C].
 *
 * @param targets.labels one for each row
 */
export function addToSums(
  { gram, cross }: { gram: Float64Array; cross: Float64Array },
  { rows, width, data }: { readonly rows: number; readonly width: number; readonly data: Float64Array },
  { labels, numClasses }: { readonly labels: Int32Array; readonly numClasses: number },
): void {
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!
    for (let i = 0; i < width; i++) cross[i * numClasses + label]! += data[row * width + i]!
  }
  for (let first = 0; first < rows; first += blockRows) {
    const end = Math.min(rows, first + blockRows)
    for (let i = 0; i < width; i++) addBlock(gram, data, { width, i, first, end })
  }
}

/** Row i of xᵀx, four rows at a time: each sum is then loaded and stored once for four products. */
function addBlock(
  gram: Float64Array,
  data: Float64Array,
  { width, i, first, end }: { width: number; i: number; first: number; end: number },
): void {
  const start = i * width
  let row = first
  for (; row + 4 <= end; row += 4) {
    const a = row * width
    const [b, c, d] = [a + width, a + 2 * width, a + 3 * width]
    const [ai, bi, ci, di] = [data[a + i]!, data[b + i]!, data[c + i]!, data[d + i]!]
    for (let j = 0; j <= i; j++)
      gram[start + j]! += ai * data[a + j]! + bi * data[b + j]! + ci * data[c + j]! + di * data[d + j]!
  }
  for (; row < end; row++) {
    const a = row * width
    const value = data[a + i]!
    for (let j = 0; j <= i; j++) gram[start + j]! += value * data[a + j]!
  }
}

/**
 * Solves (G + λI) W = B by Cholesky's decomposition. G [D, D] is symmetric, its lower half is read; B [D, C]. Returns W.
 */
export function solveRidge(
  gram: Float64Array,
  cross: Float64Array,
  { width, columns, ridge }: { width: number; columns: number; ridge: number },
): Float64Array {
  const lower = gram.slice()
  for (let i = 0; i < width; i++) lower[i * width + i]! += ridge
  for (let i = 0; i < width; i++) {
    const rowI = i * width
    for (let j = 0; j <= i; j++) {
      const rowJ = j * width
      let sum = lower[rowI + j]!
      for (let k = 0; k < j; k++) sum -= lower[rowI + k]! * lower[rowJ + k]!
      if (i === j) lower[rowI + i] = Math.sqrt(Math.max(sum, 1e-12))
      else lower[rowI + j] = sum / lower[rowJ + j]!
    }
  }
  const out = cross.slice()
  for (let i = 0; i < width; i++)
    for (let c = 0; c < columns; c++) {
      let sum = out[i * columns + c]!
      for (let k = 0; k < i; k++) sum -= lower[i * width + k]! * out[k * columns + c]!
      out[i * columns + c] = sum / lower[i * width + i]!
    }
  for (let i = width - 1; i >= 0; i--)
    for (let c = 0; c < columns; c++) {
      let sum = out[i * columns + c]!
      for (let k = i + 1; k < width; k++) sum -= lower[k * width + i]! * out[k * columns + c]!
      out[i * columns + c] = sum / lower[i * width + i]!
    }
  return out
}
