import { readFileSync, statSync } from 'node:fs'

/** Bytes of a file. Pipes and devices are refused: they may have no end, or wait for ever. */
export function readWholeFile(path: string): Uint8Array<ArrayBuffer> {
  const stats = statSync(path)
  if (!stats.isFile()) throw new Error(stats.isDirectory() ? 'it is a folder' : 'it is not a regular file')
  return new Uint8Array(readFileSync(path))
}
