import type { NamedTensors } from '../hostTensor.ts'
import { hostFormat, readableDtypes } from './dtypes.ts'
import { readSafetensorsHeader, type HeaderEntry } from './header.ts'
import { quoted, refuse } from './refuse.ts'

export interface SafetensorsFile {
  /** In the order of their data in the file. */
  tensors: NamedTensors
  metadata: Record<string, string>
}

export interface ReadOptions {
  /**
   * Aligned tensors become views into `bytes` instead of copies: half the memory, but they change with it and cannot
   * be transferred alone. Default false.
   */
  useViews?: boolean
}

/**
 * Reads a whole safetensors file. Data are little-endian, as is every platform that runs this.
 *
 * @throws DataError `safetensors-…`: see {@link readSafetensorsHeader}; `safetensors-dtype-unsupported` for a dtype
 *   that the format has but Bunsen does not read (complex, 8-bit floats, unsigned words)
 */
export function readSafetensors(bytes: Uint8Array, options: ReadOptions = {}): SafetensorsFile {
  const { entries, metadata, dataStart } = readSafetensorsHeader(bytes)
  const data = bytes.subarray(dataStart)
  const tensors: NamedTensors = new Map()
  for (const entry of entries) tensors.set(entry.name, readTensor(entry, data, options.useViews === true))
  return { tensors, metadata }
}

function readTensor({ name, dtype, shape, begin, end }: HeaderEntry, data: Uint8Array, useViews: boolean) {
  const format = hostFormat(dtype)
  if (format === null) {
    return refuse(
      'dtype-unsupported',
      `tensor ${quoted(name)}: dtype must be one of ${readableDtypes.join(', ')}, got ${dtype}`,
      { name, dtype },
      'Convert these tensors to one of the readable dtypes, F32 say, and save the file again.',
    )
  }
  const part = data.subarray(begin, end)
  const isAligned = part.byteOffset % format.Array.BYTES_PER_ELEMENT === 0
  const own = useViews && isAligned ? part : Uint8Array.prototype.slice.call(part) // a Node Buffer's own slice is a view
  const length = own.byteLength / format.Array.BYTES_PER_ELEMENT
  return { dtype: format.dtype, shape, data: new format.Array(own.buffer, own.byteOffset, length) }
}
