import { captionColumn, labelColumn } from '../images/metadata.ts'
import { imageFormat } from '../images/decodeImage.ts'
import type { HeldRows } from '../reading/held.ts'
import { memorySource, pathOf, type ImportSource } from '../reading/source.ts'
import { writeTable } from '../table/writeTable.ts'
import { defineContainer, type ContainerContext } from './defineContainer.ts'
import { cellText } from './parts/cellText.ts'
import { classNames } from './parts/classNames.ts'
import { openParquet, type ParquetFile } from './parts/parquetFile.ts'

/**
 * Rows of typed columns (https://parquet.apache.org/docs/file-format/), or pictures with what is said of them as Hugging Face
 * stores them. Read by row group.
 */
export default defineContainer({
  id: 'parquet',
  order: 2,
  title: 'Parquet',
  matches: (head) => String.fromCharCode(...head.subarray(0, 4)) === 'PAR1' && head.includes(0),
  async open(file, context) {
    const parquet = await openParquet(file, context.signal)
    const rows = parquet.groups.reduce((sum, count) => sum + count, 0)
    const picture = rows > 0 ? await pictureColumn(parquet) : null
    return picture === null ? [rowsOf(file, parquet)] : picturesOf(file, parquet, picture, context)
  },
})

function rowsOf(file: ImportSource, parquet: ParquetFile): ImportSource {
  const names = parquet.columns.map(({ name }) => name)
  const classes = names.map((name) => classNames(parquet.notes, name))
  const text = (value: unknown, column: number) => classes[column]?.[Number(value)] ?? cellText(value)
  const held: HeldRows = {
    kind: 'rows',
    importer: 'parquet',
    columns: distinct(names),
    async *rows(_signal, only) {
      const places = only === undefined ? names.map((_, i) => i) : [only]
      for (const index of parquet.groups.keys()) {
        const rows = await parquet.group(
          index,
          places.map((place) => names[place]!),
        )
        for (const row of rows) yield places.map((place) => text(row[names[place]!], place))
      }
    },
  }
  // For what reads bytes all the same.
  const stream = () => memorySource(file.name, writeTable([held.columns])).stream()
  return { ...file, stream, held }
}

/** The first column whose first value is the bytes of a picture, by themselves or as `{bytes, path}`. */
async function pictureColumn(parquet: ParquetFile): Promise<string | null> {
  const index = parquet.groups.findIndex((count) => count > 0)
  const names = parquet.columns.map(({ name }) => name)
  const rows = await parquet.group(index, names)
  return names.find((name) => rows.slice(0, 20).some((row) => isPicture(bytesOf(row[name])))) ?? null
}

function isPicture(bytes: Uint8Array | null): boolean {
  return bytes !== null && imageFormat(bytes) !== null
}

function bytesOf(value: unknown): Uint8Array | null {
  const inner = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : value
  return inner instanceof Uint8Array ? inner : null
}

/** Labels and captions are read at once, the pictures of one row group at a time. */
async function picturesOf(
  file: ImportSource,
  parquet: ParquetFile,
  picture: string,
  { notify }: ContainerContext,
): Promise<ImportSource[]> {
  const flat = parquet.columns
    .filter(({ name, isFlat }) => isFlat && name !== picture)
    .map(({ name }) => name)
  const label = flat.find((name) => labelColumn.test(name))
  const caption = flat.find((name) => name !== label && captionColumn.test(name))
  const classes = label === undefined ? null : classNames(parquet.notes, label)
  const told = [label, caption].filter((name) => name !== undefined)
  let held: { index: number; rows: Promise<readonly Readonly<Record<string, unknown>>[]> } | null = null
  const stem = pathOf(file).replace(/\.parquet$/i, '')
  const out: ImportSource[] = []
  for (const [index, count] of parquet.groups.entries()) {
    const rows = told.length > 0 ? await parquet.group(index, told) : []
    for (let i = 0; i < count; i++) {
      const name = String(out.length + 1).padStart(6, '0')
      const value = label === undefined ? undefined : rows[i]![label]
      const words = caption === undefined ? '' : cellText(rows[i]![caption])
      out.push({
        name,
        path: `${stem}/${name}`,
        sizeBytes: Math.ceil(file.sizeBytes / Math.max(1, count)),
        stream() {
          return new ReadableStream<Uint8Array>({
            async start(controller) {
              if (held?.index !== index) held = { index, rows: parquet.group(index, [picture]) }
              const bytes = bytesOf((await held.rows)[i]![picture])
              if (bytes) controller.enqueue(bytes)
              controller.close()
            },
          })
        },
        held: {
          kind: 'picture',
          decode: null,
          label: value === undefined || value === null ? null : (classes?.[Number(value)] ?? cellText(value)),
          caption: words.trim() === '' ? null : words.trim().replace(/\s+/g, ' '),
        },
      })
    }
  }
  const labels = label === undefined ? 'no labels' : `labels from "${label.slice(0, 40)}"`
  notify('info', `${file.name}: pictures taken from column "${picture.slice(0, 40)}", ${labels}.`)
  return out
}

/** Columns are told apart by their names: one without is called by its number, and so is one with another's name. */
function distinct(names: readonly string[]): string[] {
  return names.map((name, i) => {
    const own = name.trim()
    return own === ''
      ? `column ${i + 1}`
      : names.findIndex((other) => other.trim() === own) < i
        ? `${own} (${i + 1})`
        : own
  })
}
