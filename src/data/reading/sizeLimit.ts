import { DataError } from '../../core/errors.ts'

/** What a set of images or rows may hold, which is in memory whole while it is made. */
export const maxSetSizeBytes = 500_000_000
/** What a text may hold, which passes through in pieces. */
export const maxTextSizeBytes = 4_000_000_000

export function tooLarge(sizeBytes: number, maxSizeBytes = maxSetSizeBytes): DataError {
  return new DataError(
    `Import: it must hold at most ${maxSizeBytes / 1e6} MB (texts ${maxTextSizeBytes / 1e6} MB) in this version, got ${Math.ceil(sizeBytes / 1e6)} MB; nothing was stored`,
    {
      code: 'too-large',
      remedy: 'Drop a part of it, or fewer files.',
      details: { sizeBytes, maxSizeBytes },
    },
  )
}
