import { DataError } from '../../core/errors.ts'

/** What one data set may hold in this version. */
export const maxSetSizeBytes = 500_000_000

export function tooLarge(sizeBytes: number): DataError {
  return new DataError(
    `Import: a data set must be at most ${maxSetSizeBytes / 1e6} MB in this version, got ${Math.round(sizeBytes / 1e6)} MB; nothing was stored`,
    {
      code: 'too-large',
      remedy: 'Drop a part of it, or fewer files.',
      details: { sizeBytes, maxSizeBytes: maxSetSizeBytes },
    },
  )
}
