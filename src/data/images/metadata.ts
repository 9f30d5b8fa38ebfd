import type { Table } from '../table/parseTable.ts'

/** What files beside pictures say of them, by the path of the picture; null where they say nothing. */
export interface Metadata {
  labels(path: string): string | null
  captions(path: string): string | null
  /** Which pictures belong together, by a name that they share. */
  groups(path: string): string | null
}

export const noMetadata: Metadata = { labels: () => null, captions: () => null, groups: () => null }

const fileColumn = /^(file_?name|file|image|image_?(name|file|path)|path|picture)$/i
export const captionColumn = /^(caption|captions|text|description|sentence|title|alt|comment)$/i
const groupColumn = /^(group|subject|patient|person|speaker|session|scene|family)([_ -]?id)?$/i
export const labelColumn = /^(label|labels|class|category|target|variety|species)$/i

/** Whether a table tells of files: it has a column for their names, and one for captions or labels. */
export function isMetadata({ columns }: Table): boolean {
  const has = (pattern: RegExp) => columns.some((column) => pattern.test(column))
  return has(fileColumn) && (has(captionColumn) || has(labelColumn))
}

/** A later table, and a later row, does not overrule an earlier one: where a picture has five captions, the first counts. */
export function metadataOf(tables: readonly Table[], captions: ReadonlyMap<string, string>): Metadata {
  const labelOf = new Map<string, string>()
  const captionOf = new Map<string, string>()
  const groupOf = new Map<string, string>()
  for (const { columns, rows } of tables) {
    const column = (pattern: RegExp) => columns.findIndex((name) => pattern.test(name))
    const [file, caption, label, group] = [
      column(fileColumn),
      column(captionColumn),
      column(labelColumn),
      column(groupColumn),
    ]
    for (const row of rows) {
      const name = baseName(row[file]!)
      for (const [into, from] of [
        [captionOf, caption],
        [labelOf, label],
        [groupOf, group],
      ] as const) {
        const value = from < 0 ? '' : row[from]!
        if (value === '') continue
        if (!into.has(row[file]!)) into.set(row[file]!, value)
        if (!into.has(name)) into.set(name, value)
      }
    }
  }
  /** The longest end of the path that a table names, down to the name of the file. */
  const find = (values: ReadonlyMap<string, string>, path: string): string | null => {
    const parts = path.split('/')
    for (let first = 0; first < parts.length; first++) {
      const value = values.get(parts.slice(first).join('/'))
      if (value !== undefined) return value
    }
    return null
  }
  return {
    labels: (path) => find(labelOf, path),
    captions: (path) => find(captionOf, path) ?? captions.get(stemOf(path)) ?? null,
    groups: (path) => find(groupOf, path),
  }
}

/** A path without its extension: `cat.png` and `cat.txt` belong together. */
export function stemOf(path: string): string {
  return path.replace(/\.[^./]+$/, '')
}

function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1)!
}
