import { DataError } from '../../../core/errors.ts'
import type { DoctorSet } from '../doctorSet.ts'

/**
 * The items of two sets one after the other, with the columns that both have under one name and kind, and without labels:
 * what is compared is what items look like. Throws `drift-kinds` where nothing can be compared.
 */
export function joinSets(first: DoctorSet, second: DoctorSet): DoctorSet {
  if (first.kind !== second.kind)
    throw refused(`${first.name} is ${nounOf(first)} and ${second.name} is ${nounOf(second)}`)
  const columns = first.columns.flatMap((column) => {
    const other = second.columns.find(({ name, kind }) => name === column.name && kind === column.kind)
    return other ? [{ ...column, cells: [...column.cells, ...other.cells] }] : []
  })
  const images = joinImages(first, second)
  if (columns.length === 0 && images === null) throw refused('they have no column in common')
  return {
    name: `${first.name} and ${second.name}`,
    kind: first.kind,
    count: first.count + second.count,
    columns,
    images,
    labels: null,
    parts: null,
  }
}

function joinImages(first: DoctorSet, second: DoctorSet): DoctorSet['images'] {
  const [a, b] = [first.images, second.images]
  if (a === null || b === null) return null
  const sizeOf = ({ width, height, channels }: typeof a) =>
    `${width} × ${height} ${channels === 1 ? 'in grey' : 'in colour'}`
  if (sizeOf(a) !== sizeOf(b)) throw refused(`their pictures are ${sizeOf(a)} and ${sizeOf(b)}`)
  const pixels = new Uint8Array(a.pixels.length + b.pixels.length)
  pixels.set(a.pixels)
  pixels.set(b.pixels, a.pixels.length)
  return { ...a, count: a.count + b.count, pixels, classes: [], labels: new Int32Array(0), captions: [] }
}

function nounOf({ kind }: DoctorSet): string {
  return kind === 'images' ? 'a set of pictures' : kind === 'table' ? 'a table' : 'a text'
}

function refused(what: string): DataError {
  return new DataError(`Drift: ${what}; nothing was compared`, {
    code: 'drift-kinds',
    remedy: 'Compare two sets of one kind: tables with the same columns, pictures of one size, or texts.',
  })
}
