import type { DataKind } from '../core/catalog.ts'
import type { ItemView } from '../core/taskView.ts'
import { decodeImageSet, type ImageSet } from './images/imageSet.ts'
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

/** A set that can be looked at piece by piece. */
export type ItemsReader = (offset: number, count: number) => ItemsPreview

/** Throws what reading the kind throws. */
export function itemsReader(kind: Exclude<DataKind, 'text'>, bytes: Uint8Array): ItemsReader {
  return kind === 'images'
    ? imagesReader(decodeImageSet(bytes))
    : tableReader(parseTable(new TextDecoder().decode(bytes)))
}

/** Stored sets are often sorted by class: every 7919th image shows them all. A prime, so that none comes twice. */
const stride = 7919

function imagesReader({
  count,
  height,
  width,
  channels,
  pixels,
  classes,
  labels,
  captions,
}: ImageSet): ItemsReader {
  const perImage = height * width * channels
  const step = count % stride === 0 ? 1 : stride
  return (offset, length) => ({
    kind: 'images',
    offset,
    total: count,
    items: Array.from({ length: Math.max(0, Math.min(length, count - offset)) }, (_, i) => {
      const place = ((offset + i) * step) % count
      const own = pixels.slice(place * perImage, (place + 1) * perImage)
      return {
        picture: { kind: 'picture', height, width, channels, pixels: own },
        words: captions[place] ?? classes[labels[place] ?? -1] ?? '',
      }
    }),
  })
}

function tableReader({ columns, rows, skipped }: Table): ItemsReader {
  return (offset, count) => ({
    kind: 'table',
    offset,
    total: rows.length,
    columns,
    rows: rows.slice(offset, offset + count),
    skipped,
  })
}
