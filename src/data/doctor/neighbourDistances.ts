import { Generator } from '../../core/rng.ts'
import type { Matrix } from './features/matrix.ts'

/** The nearest of them are averaged: one alone may be a copy. */
const neighbours = 5
/** Distances are measured to a sample, which finds outliers as well (Sugiyama and Borgwardt 2013). */
const mostReferences = 1500
/** Longer rows are projected: distances stay within a tenth or two (Johnson and Lindenstrauss 1984). */
const mostWidth = 64

export interface NeighbourDistances {
  /** Mean Euclidean distance of each row to its five nearest others (Ramaswamy et al. 2000). [rows] */
  readonly mean: Float64Array
  /**
   * That over the mean of the same of these five: how much farther apart it is than is usual where it stands (Schubert et al.
   * 2014, "Local outlier detection reconsidered", simplified LOF). 1 where all are at one place. [rows]
   */
  readonly relative: Float64Array
}

/** Among at most 1,500 rows that are drawn by the seed. */
export function neighbourDistances(
  input: Matrix,
  options: { readonly seed: number; onProgress?(share: number): void },
): NeighbourDistances {
  const generator = new Generator(options.seed, 'doctor neighbours')
  const { rows, width, data } = input.width > mostWidth ? projected(input, generator) : input
  const references = generator.permutation(rows).subarray(0, mostReferences)
  const mean = new Float64Array(rows)
  const places = new Int32Array(rows * neighbours).fill(-1)
  const nearest = new Float64Array(neighbours)
  for (let row = 0; row < rows; row++) {
    nearest.fill(Infinity)
    const own = places.subarray(row * neighbours, (row + 1) * neighbours)
    for (const other of references) {
      if (other === row) continue
      let sum = 0
      const farthest = nearest[neighbours - 1]!
      for (let i = 0; i < width && sum < farthest; i++)
        sum += (data[row * width + i]! - data[other * width + i]!) ** 2
      if (sum < farthest) insert(nearest, own, { value: sum, place: other })
    }
    const found = nearest.filter((square) => square < Infinity)
    mean[row] = found.reduce((sum, square) => sum + Math.sqrt(square), 0) / Math.max(1, found.length)
    if (row % 256 === 0) options.onProgress?.(row / rows)
  }
  const relative = mean.map((distance, row) => {
    const found = places.subarray(row * neighbours, (row + 1) * neighbours).filter((place) => place >= 0)
    const usual = found.reduce((sum, place) => sum + mean[place]!, 0) / Math.max(1, found.length)
    return usual > 0 ? distance / usual : distance > 0 ? Infinity : 1
  })
  return { mean, relative }
}

/** Puts a value and its place into ascending lists, in place of the largest. */
function insert(
  list: Float64Array,
  places: Int32Array,
  { value, place }: { readonly value: number; readonly place: number },
): void {
  let at = list.length - 1
  for (; at > 0 && list[at - 1]! > value; at--) {
    list[at] = list[at - 1]!
    places[at] = places[at - 1]!
  }
  list[at] = value
  places[at] = place
}

function projected({ rows, width, data }: Matrix, generator: Generator): Matrix {
  const weights = generator.normals(width * mostWidth, 1)
  const scale = 1 / Math.sqrt(mostWidth)
  const out = new Float32Array(rows * mostWidth)
  const sums = new Float64Array(mostWidth)
  for (let row = 0; row < rows; row++) {
    sums.fill(0)
    for (let i = 0; i < width; i++) {
      const value = data[row * width + i]!
      if (value === 0) continue
      for (let k = 0; k < mostWidth; k++) sums[k]! += value * weights[i * mostWidth + k]!
    }
    for (let k = 0; k < mostWidth; k++) out[row * mostWidth + k] = sums[k]! * scale
  }
  return { rows, width: mostWidth, data: out }
}
