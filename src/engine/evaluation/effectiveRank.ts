import { defineMetric } from './defineMetric.ts'

const sweeps = 12

/**
 * How many directions the vectors spread over: exp of the entropy of the shares that the eigenvalues of their covariance
 * have (Roy and Vetterli 2007, on the covariance). 1 where all lie on a line, as after a collapse; 0 where all are equal.
 */
export default defineMetric({
  id: 'effectiveRank',
  label: 'Effective rank',
  better: 'higher',
  of: 'vectors',
  compute({ vectors, width }) {
    const values = eigenvalues(covariance(vectors, width), width).map((value) => Math.max(0, value))
    const total = values.reduce((sum, value) => sum + value, 0)
    if (!(total > 0)) return 0
    return Math.exp(
      values.reduce((sum, value) => sum - (value > 0 ? (value / total) * Math.log(value / total) : 0), 0),
    )
  },
})

function covariance(vectors: Float32Array, width: number): Float64Array {
  const count = vectors.length / width
  const means = new Float64Array(width)
  vectors.forEach((value, i) => (means[i % width]! += value / count))
  const out = new Float64Array(width * width)
  for (let item = 0; item < count; item++)
    for (let i = 0; i < width; i++) {
      const own = vectors[item * width + i]! - means[i]!
      for (let j = 0; j < width; j++)
        out[i * width + j]! += (own * (vectors[item * width + j]! - means[j]!)) / count
    }
  return out
}

/** Of a symmetric matrix, by cyclic Jacobi rotations (Golub and Van Loan 8.5); changes it. */
function eigenvalues(a: Float64Array, size: number): Float64Array {
  const total = a.reduce((sum, value) => sum + value ** 2, 0)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let off = 0
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) off += a[p * size + q]! ** 2
    if (off <= 1e-20 * total) break
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, size, p, q)
  }
  return Float64Array.from({ length: size }, (_, i) => a[i * size + i]!)
}

function rotate(a: Float64Array, size: number, p: number, q: number): void {
  const between = a[p * size + q]!
  if (Math.abs(between) < 1e-300) return
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * between)
  const tangent = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const cosine = 1 / Math.sqrt(tangent * tangent + 1)
  const sine = tangent * cosine
  for (let k = 0; k < size; k++) {
    const [left, right] = [a[k * size + p]!, a[k * size + q]!]
    a[k * size + p] = cosine * left - sine * right
    a[k * size + q] = sine * left + cosine * right
  }
  for (let k = 0; k < size; k++) {
    const [top, bottom] = [a[p * size + k]!, a[q * size + k]!]
    a[p * size + k] = cosine * top - sine * bottom
    a[q * size + k] = sine * top + cosine * bottom
  }
}
