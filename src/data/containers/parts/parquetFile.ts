import {
  parquetMetadata,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type FileMetaData,
  type RowGroup,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { DataError } from '../../../core/errors.ts'
import { throwIfCancelled } from '../../cancel.ts'
import { randomAccess, type ImportSource } from '../../reading/source.ts'
import { checkPages, isCount } from './parquetPages.ts'

/** A row group is unpacked whole. */
const mostGroupBytes = 400_000_000
const mostGroupRows = 20_000_000
const mostMetadataBytes = 64_000_000

export interface ParquetColumn {
  readonly name: string
  /** Of one value a row that is no group of others. */
  readonly isFlat: boolean
}

export interface ParquetFile {
  readonly columns: readonly ParquetColumn[]
  /** Rows of each row group. */
  readonly groups: readonly number[]
  /** What programs write beside the schema: `huggingface`, `pandas`, … */
  readonly notes: ReadonlyMap<string, string>
  /** The rows of one group, of these columns. */
  group(index: number, columns: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/**
 * Opens a Parquet file: its schema, and its rows by row group. Numbers in it are checked before they are believed. Throws
 * `broken-parquet`, `too-large`, `cancelled`, `unreadable-file`.
 */
export async function openParquet(file: ImportSource, signal: AbortSignal | undefined): Promise<ParquetFile> {
  const { sizeBytes, slice } = await randomAccess(file, signal)
  const buffer: AsyncBuffer = {
    byteLength: sizeBytes,
    slice: async (begin, end = sizeBytes) => (await slice(begin, end)).slice().buffer,
  }
  const guarded = async <T>(read: () => Promise<T> | T): Promise<T> => {
    throwIfCancelled(signal)
    try {
      return await read()
    } catch (cause) {
      throw cause instanceof DataError ? cause : broken(file.name, cause)
    }
  }
  const metadata = await guarded(() => readMetadata(buffer))
  checkMetadata(file.name, metadata, sizeBytes)
  return {
    columns: await guarded(() => columnsOf(metadata)),
    groups: metadata.row_groups.map(({ num_rows }) => Number(num_rows)),
    notes: new Map(metadata.key_value_metadata?.map(({ key, value = '' }) => [key, value])),
    group: (index, columns) =>
      guarded(async () => {
        const group = metadata.row_groups[index]!
        await checkGroup(buffer, group, columns)
        // The group alone, so that rows are counted from its beginning.
        const own = { ...metadata, num_rows: group.num_rows, row_groups: [group] }
        const options = {
          file: buffer,
          metadata: own,
          columns: [...columns],
          compressors,
          utf8: false,
          parsers,
        }
        const rows = await parquetReadObjects(options)
        if (rows.length !== Number(group.num_rows))
          throw new Error(`${rows.length} of ${group.num_rows} rows are there`)
        return rows
      }),
  }
}

const decoder = new TextDecoder()
/** Times as people write them, to the nanosecond; JSON stays the text that it is. */
const parsers = {
  timestampFromMilliseconds: (value: bigint) => timeOf(value, 1000n, 3),
  timestampFromMicroseconds: (value: bigint) => timeOf(value, 1_000_000n, 6),
  timestampFromNanoseconds: (value: bigint) => timeOf(value, 1_000_000_000n, 9),
  dateFromDays: (days: number) => timeOf(BigInt(days) * 86_400n, 1n, 0)?.slice(0, 10),
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes),
}

/** ISO 8601 in UTC; undefined for what is missing. Nothing but the day where that is all. */
function timeOf(value: bigint | undefined, perSecond: bigint, digits: number): string | undefined {
  if (value === undefined || value === null) return undefined
  const ticks = ((value % perSecond) + perSecond) % perSecond
  const seconds = Number((value - ticks) / perSecond)
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) return String(value) // beyond the years that a calendar has
  const whole = date.toISOString().slice(0, -5)
  const fraction = ticks === 0n ? '' : `.${String(ticks).padStart(digits, '0').replace(/0+$/, '')}`
  return fraction === '' && whole.endsWith('T00:00:00') ? whole.slice(0, -9) : `${whole}${fraction}Z`
}

async function readMetadata(buffer: AsyncBuffer): Promise<FileMetaData> {
  const tail = new DataView(await buffer.slice(Math.max(0, buffer.byteLength - 8), buffer.byteLength))
  if (tail.byteLength < 8 || tail.getUint32(4, true) !== 0x31524150)
    throw new Error('its end is missing: it was cut off')
  const metadataBytes = tail.getUint32(0, true)
  if (!isCount(metadataBytes, Math.min(mostMetadataBytes, buffer.byteLength - 12)))
    throw new Error(`its schema claims ${metadataBytes} bytes`)
  return parquetMetadata(await buffer.slice(buffer.byteLength - 8 - metadataBytes, buffer.byteLength), {
    geoparquet: false,
  })
}

/** A file may say anything, whatever types promise. */
function columnsOf(metadata: FileMetaData): ParquetColumn[] {
  const { children } = parquetSchema(metadata)
  if (children.length === 0) throw new Error('it has no columns')
  return children.map(({ element, children: inner }) => {
    const name: unknown = element.name
    if (typeof name !== 'string') throw new Error('a column has no name')
    return { name, isFlat: inner.length === 0 && element.repetition_type !== 'REPEATED' }
  })
}

function checkMetadata(name: string, { row_groups, num_rows }: FileMetaData, fileBytes: number): void {
  let rows = 0n
  for (const { num_rows: own, columns } of row_groups) {
    if (typeof own !== 'bigint' || !isCount(Number(own), Number.MAX_SAFE_INTEGER))
      throw broken(name, 'a row group has no sound number of rows')
    rows += own
    let unpackedBytes = 0
    for (const { meta_data: meta, file_path: elsewhere } of columns) {
      if (!meta || elsewhere) throw broken(name, 'a column lies in another file, or is encrypted')
      const begin = Number(meta.dictionary_page_offset || meta.data_page_offset)
      if (!isCount(begin, fileBytes) || !isCount(Number(meta.total_compressed_size), fileBytes - begin))
        throw broken(name, 'a column lies outside of the file')
      unpackedBytes += Number(meta.total_uncompressed_size)
    }
    if (unpackedBytes > mostGroupBytes || Number(own) > mostGroupRows)
      throw groupTooLarge(name, unpackedBytes, Number(own))
  }
  // Some writers leave the sum out.
  if (rows !== num_rows && num_rows !== 0n)
    throw broken(name, `its row groups hold ${rows} of ${num_rows} rows`)
}

async function checkGroup(buffer: AsyncBuffer, group: RowGroup, names: readonly string[]): Promise<void> {
  for (const { meta_data: meta } of group.columns) {
    if (!meta || !names.includes(meta.path_in_schema[0]!)) continue
    const begin = Number(meta.dictionary_page_offset || meta.data_page_offset)
    const first = Math.min(begin, Number(meta.data_page_offset))
    const chunk = await buffer.slice(first, first + Number(meta.total_compressed_size))
    checkPages(new Uint8Array(chunk), meta)
  }
}

function broken(name: string, cause: unknown): DataError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new DataError(
    `${name}: the Parquet file is damaged or of a kind that is not read (${why.slice(0, 200)}); nothing was stored`,
    {
      code: 'broken-parquet',
      remedy: 'Take another copy of it, or save it anew where it was made, or as CSV.',
      details: { file: name },
      cause,
    },
  )
}

function groupTooLarge(name: string, sizeBytes: number, rows: number): DataError {
  return new DataError(
    `${name}: a row group must unpack to at most ${mostGroupBytes / 1e6} MB and ${mostGroupRows} rows, got ${Math.round(sizeBytes / 1e6)} MB and ${rows}; nothing was stored`,
    {
      code: 'too-large',
      remedy: 'Save it with smaller row groups: row_group_size=10000, say.',
      details: { file: name },
    },
  )
}
