import fc from 'fast-check'
import { expect } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { memorySource } from '../../src/data/reading/source.ts'
import { breaking } from '../fixtures/data/broken.ts'
import { soundFiles } from '../fixtures/data/writers.ts'
import { readFiles } from './importedFiles.ts'

/** A file may be worth this much work; far more would be a hang. Milliseconds, for the slowest machine. */
const mostMs = 20_000

/**
 * Breaks a sound file of a format `numRuns` times and reads it: each time there must be a whole set, with the size and the
 * hash of its content, or a DataError with a code and a remedy.
 */
export async function tryBroken(format: string, numRuns: number, seed: number): Promise<void> {
  const { name, bytes } = soundFiles[format]!()
  const property = fc.asyncProperty(breaking, fc.integer({ min: 1, max: 5000 }), async (change, piece) => {
    const begin = performance.now()
    const broken = change(bytes)
    const settled = await readFiles([memorySource(name, broken, piece)]).catch((error: unknown) => error)
    if (settled instanceof Error) {
      expect(settled).toBeInstanceOf(DataError)
      const { code, remedy, message } = settled as DataError
      expect(code).toMatch(/^[a-z0-9-]+$/)
      expect(remedy).not.toBe('')
      expect(message.length).toBeLessThan(1000)
    }
    expect(performance.now() - begin).toBeLessThan(mostMs)
  })
  await fc.assert(property, { numRuns, seed })
}
