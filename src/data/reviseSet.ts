import type { DataKind } from '../core/catalog.ts'
import type { Revision } from '../core/decisions.ts'
import { DataError } from '../core/errors.ts'
import { showValue } from '../core/showValue.ts'
import { decodeImageSet, encodeImageSet, type ImageSet } from './images/imageSet.ts'
import { passagesOf, withoutPassages } from './passages.ts'
import { parseTable } from './table/parseTable.ts'
import { tableText } from './table/tableText.ts'

/**
 * The content of the next version: the same items in the same order, without those that are dropped, with new labels. The
 * items of a text are its passages.
 * Equal sets with equal revisions give equal bytes. An item that is dropped and relabelled is dropped.
 *
 * @throws DataError `revision` for items that there are not, a class or column unknown, or a set with nothing left
 */
export function reviseSet(
  kind: DataKind,
  bytes: Uint8Array,
  revision: Revision,
): { bytes: Uint8Array; records: number } {
  if (kind === 'images') {
    const set = revisedImages(decodeImageSet(bytes), revision)
    return { bytes: encodeImageSet(set), records: set.count }
  }
  if (kind === 'table') {
    const { columns, rows } = revisedRows(new TextDecoder().decode(bytes), revision)
    return { bytes: new TextEncoder().encode(tableText(columns, rows)), records: rows.length }
  }
  if (revision.relabel.length > 0)
    throw refused('a text has no labels', 'Leave out passages of it, or change the file and drop it again.')
  const text = new TextDecoder().decode(bytes)
  const { length: count } = passagesOf(text)
  const records = keptItems(count, revision).length
  return { bytes: new TextEncoder().encode(withoutPassages(text, new Set(revision.drop))), records }
}

function revisedImages(set: ImageSet, revision: Revision): ImageSet {
  const kept = keptItems(set.count, revision)
  const perImage = set.height * set.width * set.channels
  const pixels = new Uint8Array(kept.length * perImage)
  kept.forEach((item, i) =>
    pixels.set(set.pixels.subarray(item * perImage, (item + 1) * perImage), i * perImage),
  )
  const names = Array.from(set.labels, (label) => set.classes[label]!)
  for (const { item, label } of revision.relabel) {
    if (!set.classes.includes(label))
      throw refused(
        `there is no class ${showValue(label)}`,
        `Name one of its classes: ${set.classes.join(', ') || 'it has none'}.`,
      )
    names[item] = label
  }
  const of = (each: readonly string[]) => (each.length === 0 ? [] : kept.map((item) => each[item]!))
  const left = of(names)
  // A class that nothing belongs to any more could never be learned.
  const classes = set.classes.filter((name) => left.includes(name))
  const places = new Map(classes.map((name, place) => [name, place]))
  return {
    ...set,
    count: kept.length,
    pixels,
    classes,
    labels: Int32Array.from(left, (name) => places.get(name)!),
    captions: of(set.captions),
    groups: of(set.groups ?? []),
    parts: of(set.parts ?? []),
  }
}

function revisedRows(text: string, revision: Revision): { columns: readonly string[]; rows: string[][] } {
  const { columns, rows } = parseTable(text)
  const kept = keptItems(rows.length, revision)
  const changed = rows.map((row) => [...row])
  if (revision.relabel.length > 0) {
    const column = columns.indexOf(revision.labelColumn ?? '')
    if (column < 0)
      throw refused(
        `there is no column ${showValue(revision.labelColumn ?? '')} to relabel`,
        `Name one of its columns: ${columns.join(', ')}.`,
      )
    for (const { item, label } of revision.relabel) changed[item]![column] = label
  }
  return { columns, rows: kept.map((item) => changed[item]!) }
}

/** Fewer than two items are no set. */
const fewest = 2

function keptItems(count: number, { drop, relabel }: Revision): number[] {
  const unknown = [...drop, ...relabel.map(({ item }) => item)].find(
    (item) => !Number.isInteger(item) || item < 0 || item >= count,
  )
  if (unknown !== undefined)
    throw refused(`items must be from 0 to ${count - 1}, got ${unknown}`, 'Examine the set again.')
  const dropped = new Set(drop)
  const kept = Array.from({ length: count }, (_, item) => item).filter((item) => !dropped.has(item))
  if (kept.length < fewest)
    throw refused(`${kept.length} of ${count} items would be left`, `Keep at least ${fewest}.`)
  return kept
}

function refused(what: string, remedy: string): DataError {
  return new DataError(`New version: ${what}; the set is as it was`, { code: 'revision', remedy })
}
