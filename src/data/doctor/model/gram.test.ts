import { expect, it } from 'vitest'
import { Generator } from '../../../core/rng.ts'
import { addToSums } from './gram.ts'

it.each([1, 3, 64, 65, 203])('adds the products of %i rows as a plain loop does', (rows) => {
  const [width, numClasses] = [9, 3]
  const generator = new Generator(rows, 'gram test')
  const data = Float64Array.from(generator.normals(rows * width, 0))
  const labels = Int32Array.from({ length: rows }, (_, row) => generator.below(numClasses, 1, row))
  const sums = { gram: new Float64Array(width * width), cross: new Float64Array(width * numClasses) }
  addToSums(sums, { rows, width, data }, { labels, numClasses })
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let product = 0
      for (let row = 0; row < rows; row++) product += data[row * width + i]! * data[row * width + j]!
      expect(sums.gram[i * width + j]).toBeCloseTo(product, 9)
    }
    for (let k = 0; k < numClasses; k++) {
      let sum = 0
      for (let row = 0; row < rows; row++) if (labels[row] === k) sum += data[row * width + i]!
      expect(sums.cross[i * numClasses + k]).toBeCloseTo(sum, 9)
    }
  }
})
