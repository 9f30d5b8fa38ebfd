import { existsSync, readFileSync } from 'node:fs'
import { describe } from 'vitest'

const folder = new URL('../../../shared/goldens/', import.meta.url)

export interface GoldenTensor {
  dtype: 'float32' | 'float64' | 'int32'
  shape: number[]
  data: (number | string)[]
}

/** Where the golden vectors lie; null in a clone without them. */
export const goldenFolder: URL | null = existsSync(folder) ? folder : null

/** A suite over a golden file, or a skip that says why. The file's type is the caller's claim. */
export function describeGoldens<T>(path: string, suite: (file: T) => void): void {
  if (goldenFolder === null) {
    describe.skip(`${path}: skipped, ../shared/goldens is not there`, () => {})
    return
  }
  const file = JSON.parse(readFileSync(new URL(path, goldenFolder), 'utf8')) as T
  describe(`goldens ${path}`, () => suite(file))
}

export function values({ data }: GoldenTensor): number[] {
  return data.map(Number)
}
