/** Of a matrix [rows, columns], descending, in float64: one-sided Jacobi rotations make its shorter side orthogonal. */
export function singularValues(values: ArrayLike<number>, rows: number, columns: number): number[] {
  const isWide = rows <= columns
  const [count, length] = isWide ? [rows, columns] : [columns, rows]
  const vectors = Array.from({ length: count }, (_, i) =>
    Array.from({ length }, (__, j) => values[isWide ? i * columns + j : j * columns + i]!),
  )
  const dot = (a: number[], b: number[]): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0)
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let i = 0; i < count; i++) {
      for (let j = i + 1; j < count; j++) {
        const [a, b] = [vectors[i]!, vectors[j]!]
        const angle = Math.atan2(2 * dot(a, b), dot(a, a) - dot(b, b)) / 2
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
        vectors[i] = a.map((value, k) => cos * value + sin * b[k]!)
        vectors[j] = b.map((value, k) => cos * value - sin * a[k]!)
      }
    }
  }
  return vectors.map((vector) => Math.sqrt(dot(vector, vector))).sort((a, b) => b - a)
}
