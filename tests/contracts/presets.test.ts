import { expect, it } from 'vitest'
import { createRunSchema, parseRunConfig } from '../../src/core/runConfig.ts'
import { checkConfig } from '../../src/engine/tasks/checkConfig.ts'
import { presets } from '../../src/runs/presets/registry.ts'
import { createCatalog } from '../../workers/catalog.ts'

const schema = createRunSchema(createCatalog())

it.each(presets.map((preset) => [preset.id, preset] as const))('%s goes together', (_id, preset) => {
  const config = parseRunConfig(schema, preset.config)
  expect(checkConfig(config)).toEqual([])
  expect([config.task, config.name]).toEqual([preset.task, preset.title])
})

it('have places of their own in the list', () => {
  expect(new Set(presets.map(({ rank }) => rank)).size).toBe(presets.length)
})
