import { describe, it } from 'vitest'
import { soundFiles } from '../fixtures/data/writers.ts'
import { tryBroken } from '../helpers/brokenFiles.ts'

describe('importers, on a hundred thousand broken files a format', { timeout: 3_600_000 }, () => {
  it.each(Object.keys(soundFiles))('%s: gives a set or a clear error', async (format) => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    await tryBroken(format, 100_000, seed)
  })
})
