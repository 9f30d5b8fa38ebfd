import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkRunConfig, createRunSchema, defaultRunConfig } from '../../src/core/runConfig.ts'
import type { Field } from '../../src/core/schema.ts'
import { decodeConfig, encodeConfig } from '../../src/core/urlCodec.ts'
import { createCatalog } from '../../workers/catalog.ts'
import { randomValue } from './randomConfig.ts'

const schema = createRunSchema(createCatalog())
const root: Field = schema

it('brings every valid configuration back from its link, and gives equal ones equal links', () => {
  fc.assert(
    fc.property(randomValue(root), (value) => {
      const checked = checkRunConfig(schema, value)
      fc.pre(checked.isValid)
      if (!checked.isValid) return
      const link = encodeConfig(schema, checked.value)
      const back = decodeConfig(schema, link)
      expect(back).toEqual(checked.value)
      expect(encodeConfig(schema, back)).toBe(link)
    }),
    { seed: 1, numRuns: 200 },
  )
})

it('gives the default configuration the shortest link', () => {
  const config = defaultRunConfig(schema)
  expect(decodeConfig(schema, encodeConfig(schema, config))).toEqual(config)
  expect(encodeConfig(schema, config).length).toBeLessThan(40)
})
