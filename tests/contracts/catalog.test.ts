import { expect, it } from 'vitest'
import type { CatalogEntry } from '../../src/core/catalog.ts'
import { parse, type Field } from '../../src/core/schema.ts'
import { createCatalog } from '../../workers/catalog.ts'
import { allFields } from './randomConfig.ts'

const catalog = createCatalog()
const { bundled, ...kinds } = catalog
const entries = Object.entries(kinds).flatMap(([kind, list]) =>
  list.map((entry: CatalogEntry) => ({ kind, name: `${kind}/${entry.id}`, entry })),
)

it('gives each thing an id in kebab-case that is its own', () => {
  for (const { kind, name, entry } of entries) {
    expect(entry.id, name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(entries.filter((other) => other.kind === kind && other.entry.id === entry.id)).toHaveLength(1)
  }
})

it('explains each thing to a person, with a link that works where there is one', () => {
  for (const { name, entry } of entries) {
    expect(entry.title, name).toMatch(/^\S/)
    expect(entry.summary, name).toMatch(/^\S.*[.!?]$/s)
    if (entry.link !== undefined) expect(new URL(entry.link).protocol, name).toBe('https:')
  }
})

it('describes each setting, with a default that it accepts itself', () => {
  for (const { name, entry } of entries) {
    for (const { path, field } of allFields(entry.fields)) {
      const where = `${name}: ${path}`
      expect(field.label, where).toMatch(/^\S/)
      expect(field.help, where).toMatch(/\S/)
      const result = parse(field, undefined)
      expect(result.isValid && parse(field, result.value).isValid, where).toBe(true)
      expect(boundsOf(field), where).toBeNull()
    }
  }
})

it('is plain data, so that it can cross to the page', () => {
  expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog)
})

it('offers with each task only models and losses that there are', () => {
  for (const task of catalog.tasks) {
    expect(catalog.models.map(({ id }) => id)).toEqual(expect.arrayContaining([...task.models]))
    expect(catalog.losses.map(({ id }) => id)).toEqual(expect.arrayContaining([...task.losses]))
  }
})

it('says where each bundled data set comes from and under which licence', () => {
  for (const { id, origin, licence, sha256, sizeBytes } of bundled) {
    expect(origin, id).toMatch(/ \d/)
    expect(licence, id).not.toBe('')
    expect(sha256, id).toMatch(/^[0-9a-f]{64}$/)
    expect(sizeBytes, id).toBeGreaterThan(1000)
  }
})

/** What is wrong with the bounds of a field, or null. */
function boundsOf(field: Field): string | null {
  if (field.type !== 'number' && field.type !== 'int') return null
  if (!(field.min <= field.default && field.default <= field.max)) return 'the default is out of bounds'
  if (field.scale === 'log' && field.min < 0) return 'a log scale cannot show negative values'
  return null
}
