import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { referencePages } from './referencePages.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

it.each(referencePages)('$path is what `npm run docs` makes', ({ path, make }) => {
  expect(readFileSync(`${root}${path}`, 'utf8')).toBe(make())
})
