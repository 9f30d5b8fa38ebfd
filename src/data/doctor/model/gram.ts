/**
 * Adds xᵀx and xᵀy of some rows: the sums that least squares are solved from. `gram` [D, D] has its lower half filled,
 * `cross` is [D, C].
 */
export function addToSums(
  sums: { gram: Float64Array; cross: Float64Array },
  features: { readonly width: number; readonly data: Float64Array },
  rows: Int32Array,
  targets: { readonly labels: Int32Array; readonly numClasses: number },
): void {
  const { gram, cross } = sums
  const { width, data } = features
  const { labels, numClasses } = targets
  for (const row of rows) {
    const label = labels[row]!
    for (let i = 0; i < width; i++) cross[i * numClasses + label]! += data[row * width + i]!
  }
  // Four rows at a time: each sum is then loaded and stored once for four products.
  let at = 0
  for (; at + 4 <= rows.length; at += 4) {
    const [a, b, c, d] = [
      rows[at]! * width,
      rows[at + 1]! * width,
      rows[at + 2]! * width,
      rows[at + 3]! * width,
    ]
    for (let i = 0; i < width; i++) {
      const [ai, bi, ci, di] = [data[a + i]!, data[b + i]!, data[c + i]!, data[d + i]!]
      const start = i * width
      for (let j = 0; j <= i; j++)
        gram[start + j]! += ai * data[a + j]! + bi * data[b + j]! + ci * data[c + j]! + di * data[d + j]!
    }
  }
  for (; at < rows.length; at++) {
    const a = rows[at]! * width
    for (let i = 0; i < width; i++) {
      const value = data[a + i]!
      for (let j = 0; j <= i; j++) gram[i * width + j]! += value * data[a + j]!
    }
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
