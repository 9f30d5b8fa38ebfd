import { DataError } from '../../core/errors.ts'
import type { Reading } from '../../core/reading.ts'
import { ByteScan } from './byteScan.ts'
import { decideEncoding, type EncodingDecision } from './encoding.ts'
import { headSizeBytes } from './head.ts'
import { refuseKnownBinary, refuseUnsafeName } from './knownBinaries.ts'
import { readChunks, type ImportSource } from './source.ts'

export interface CheckedSource extends EncodingDecision {
  readonly head: Uint8Array
}

/**
 * Reads a file once, to its end, before anything is made of it: is it text, and in which encoding? One wrong byte
 * at the far end changes the answer, so that it cannot be given from the beginning alone.
 *
 * @param encoding taken as it is unless it is `auto`
 */
export async function checkSource(
  source: ImportSource,
  signal: AbortSignal | undefined,
  onBytes: (sizeBytes: number) => void,
  encoding: Reading['encoding'] = 'auto',
): Promise<CheckedSource> {
  refuseUnsafeName(source.name)
  const scan = new ByteScan()
  let head = new Uint8Array(0)
  let isHeadChecked = false
  for await (const chunk of readChunks(source, signal, onBytes)) {
    if (head.length < headSizeBytes) head = concat(head, chunk.subarray(0, headSizeBytes - head.length))
    if (!isHeadChecked && head.length >= headSizeBytes) {
      isHeadChecked = true
      refuseKnownBinary(source.name, head) // before gigabytes of a video are read in vain
    }
    scan.push(chunk)
  }
  scan.end()
  if (scan.sizeBytes === 0) throw emptyFile(source.name, 'no bytes at all')
  refuseKnownBinary(source.name, head)
  if (encoding !== 'auto') return { head, encoding, notice: null }
  return { head, ...decideEncoding(source.name, head, scan) }
}

export function emptyFile(name: string, got: string): DataError {
  return new DataError(`${name}: must hold text, got ${got}; nothing was stored`, {
    code: 'empty-file',
    remedy: 'Leave it out, or check that it was saved.',
    details: { file: name },
  })
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length)
  whole.set(a)
  whole.set(b, a.length)
  return whole
}
