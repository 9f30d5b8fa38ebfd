import type { ColumnMetaData } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { crc32 } from '../../../core/crc32.ts'

/** Values of one page, and bytes that it may unpack to: more are a mistake, or an attack. */
const mostValues = 20_000_000
const mostPageBytes = 256_000_000

/**
 * Walks the headers of a column's pages before anything is unpacked, so that no number in the file asks for more memory or time
 * than its content is worth. Throws an Error that says in a few words what is wrong.
 *
 * Source: https://parquet.apache.org/docs/file-format/data-pages/
 *
 * @param chunk the bytes of the column chunk
 * @param most values that the row group has room for
 */
export function checkPages(chunk: Uint8Array, { num_values }: ColumnMetaData, most = mostValues): void {
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 }
  let values = 0
  while (reader.offset < chunk.length - 1 && values < Number(num_values)) {
    const header = parquetHeader(reader)
    const { uncompressed_page_size: unpacked, compressed_page_size: packed } = header
    if (!isCount(packed, chunk.length - reader.offset)) throw new Error('a page lies outside of its column')
    if (!isCount(unpacked, mostPageBytes)) throw new Error('a page claims too many bytes')
    const page = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header
    if (page) {
      if (!isCount(page.num_values, most)) throw new Error('a page claims too many values')
      if (!header.dictionary_page_header) values += page.num_values
    }
    const { data_page_header_v2: second } = header
    if (second) {
      const levels = second.definition_levels_byte_length + second.repetition_levels_byte_length
      if (!isCount(second.num_nulls, second.num_values) || !isCount(levels, unpacked))
        throw new Error('a page claims more levels than it holds')
    }
    const content = chunk.subarray(reader.offset, reader.offset + packed)
    if (header.crc !== undefined && crc32(content) !== header.crc >>> 0)
      throw new Error('the CRC-32 of a page is not that of its content')
    reader.offset += packed
  }
  if (values !== Number(num_values)) throw new Error(`a column holds ${values} of ${num_values} values`)
}

export function isCount(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most
}
