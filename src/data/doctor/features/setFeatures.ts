import { codeColumn, numbersOf } from '../../table/columns.ts'
import type { Column, DoctorSet } from '../doctorSet.ts'
import { imageFeatures } from './imageFeatures.ts'
import { joined, standardised, type Matrix } from './matrix.ts'
import { textFeatures, type SparseMatrix } from './textFeatures.ts'

/** Numbers for each item: dense ones of pictures and columns, sparse ones of texts; null where there are none. */
export interface SetFeatures {
  readonly dense: Matrix | null
  readonly sparse: SparseMatrix | null
}

/** Features of everything but the label and the part. */
export function setFeatures(set: DoctorSet): SetFeatures {
  const inputs = set.columns.filter(({ name, cells }) => name !== set.labels?.name && cells !== set.parts)
  const texts = inputs.filter(({ kind }) => kind === 'text')
  const coded = inputs.filter(({ kind }) => kind !== 'text').flatMap((column) => columnMatrix(column) ?? [])
  const dense = [
    ...(set.images ? [imageFeatures(set.images)] : []),
    ...(coded.length > 0 ? [standardised(joined(coded))] : []),
  ]
  // Captions of pictures often name their class: what is looked for is in the picture.
  const useTexts = texts.length > 0 && set.images === null
  const whole = useTexts
    ? Array.from({ length: set.count }, (_, item) => texts.map(({ cells }) => cells[item]!).join('\n'))
    : []
  return {
    dense: dense.length > 0 ? joined(dense) : null,
    sparse: useTexts ? textFeatures(whole) : null,
  }
}

/** Numbers, or a column for each value; null for what is always the same, or has too many values. */
function columnMatrix({ name, cells }: Column): Matrix | null {
  const coding = codeColumn(name, cells)
  if (coding === null) return null
  const width = coding.kind === 'category' ? coding.values.length : 1
  const data = new Float32Array(cells.length * width)
  cells.forEach((cell, row) => numbersOf(coding, cell, data, row * width))
  return { rows: cells.length, width, data }
}
