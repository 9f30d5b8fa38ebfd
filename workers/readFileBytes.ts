import { DataError } from '../src/core/errors.ts'
import { shownName } from '../src/core/shownName.ts'

/** All of a dropped file. @throws DataError `unreadable-file` */
export async function readFileBytes(file: File): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer())
  } catch (cause) {
    throw new DataError(
      `${shownName(file.name)}: the file (${file.size} bytes) could not be read (${String(cause)}); nothing was stored`,
      {
        code: 'unreadable-file',
        remedy:
          'It may have been moved or changed since it was chosen, or be larger than a browser can hold at once; choose it again.',
        cause,
      },
    )
  }
}
