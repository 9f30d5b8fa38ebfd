import type { DataKind } from '../core/catalog.ts'
import type { ItemView } from '../core/taskView.ts'
import { decodeImageSet, type ImageSet } from './images/imageSet.ts'
import { passagesOf } from './passages.ts'
import { parseTable, type Table } from './table/parseTable.ts'

/** Some items of a set of images or rows, as they are stored. */
export type ItemsPreview = { readonly offset: number; readonly total: number } & (
  | {
      readonly kind: 'images'
      /** `words`: its caption, else its class; empty where it has neither. */
      readonly items: readonly { readonly picture: ItemView; readonly words: string }[]
    }
  | {
      readonly kind: 'table'
      readonly columns: readonly string[]
      readonly rows: readonly (readonly string[])[]
      /** Rows of another length, which are left out. */
      readonly skipped: number
    }
)

/** A set that can be looked at piece by piece. Throws what reading the kind throws. */
export function itemsReader(
  kind: Exclude<DataKind, 'text'>,
  bytes: Uint8Array,
): (offset: number, count: number) => ItemsPreview {
  return kind === 'images'
    ? imagesReader(decodeImageSet(bytes))
    : tableReader(parseTable(new TextDecoder().decode(bytes)))
}

/** Items of a set by their places, as the doctor and `reviseSet` count them; places that there are not are passed over. */
export function itemsByPlace(kind: DataKind, bytes: Uint8Array): (places: readonly number[]) => ItemView[] {
  const { count, view } = viewerOf(kind, bytes)
  return (places) => places.filter((place) => place >= 0 && place < count).map(view)
}

function viewerOf(kind: DataKind, bytes: Uint8Array): { count: number; view: (place: number) => ItemView } {
  if (kind === 'images') {
    const set = decodeImageSet(bytes)
    return {
      count: set.count,
      view: (place) => {
        const caption = wordsOf(set, place)
        return { ...pictureAt(set, place), ...(caption === '' ? {} : { caption }) }
      },
    }
  }
  const text = new TextDecoder().decode(bytes)
  if (kind === 'text') {
    const passages = passagesOf(text)
    return { count: passages.length, view: (place) => ({ kind: 'row', cells: [['text', passages[place]!]] }) }
  }
  const { columns, rows } = parseTable(text)
  return {
    count: rows.length,
    view: (place) => ({ kind: 'row', cells: columns.map((name, i) => [name, rows[place]![i]!] as const) }),
  }
}

/** Stored sets are often sorted by class: every 7919th image shows them all. A prime, so that none comes twice. */
const stride = 7919

function imagesReader(set: ImageSet): ReturnType<typeof itemsReader> {
  const { count } = set
  const step = count % stride === 0 ? 1 : stride
  return (offset, length) => ({
    kind: 'images',
    offset,
    total: count,
    items: Array.from({ length: Math.max(0, Math.min(length, count - offset)) }, (_, i) => {
      const place = ((offset + i) * step) % count
      return { picture: pictureAt(set, place), words: wordsOf(set, place) }
    }),
  })
}

function pictureAt({ height, width, channels, pixels }: ImageSet, place: number) {
  const perImage = height * width * channels
  const own = pixels.slice(place * perImage, (place + 1) * perImage)
  return { kind: 'picture', height, width, channels, pixels: own } as const
}

function wordsOf({ captions, classes, labels }: ImageSet, place: number): string {
  return captions[place] ?? classes[labels[place] ?? -1] ?? ''
}

function tableReader({ columns, rows, skipped }: Table): ReturnType<typeof itemsReader> {
  return (offset, count) => ({
    kind: 'table',
    offset,
    total: rows.length,
    columns,
    rows: rows.slice(offset, offset + count),
    skipped,
  })
}
