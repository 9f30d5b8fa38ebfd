import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testCatalog } from '../../tests/fixtures/testCatalog.ts'
import { createRunSchema, defaultRunConfig } from './runConfig.ts'
import {
  defaultOf,
  diffFromDefaults,
  formatIssue,
  nearestName,
  parse,
  withValueAt,
  type ConfigValue,
  type Field,
} from './schema.ts'

const schema = createRunSchema(testCatalog)
const defaults = defaultRunConfig(schema) as unknown as ConfigValue

/** Any valid value of a field. */
function valid(field: Field): fc.Arbitrary<ConfigValue> {
  switch (field.type) {
    case 'int':
      return fc.integer({ min: field.min, max: Math.min(field.max, 2 ** 31 - 1) })
    case 'number':
      return fc
        .double({ min: field.min, max: field.max, noNaN: true })
        .map((value) => (value === 0 ? 0 : value))
    case 'bool':
      return fc.boolean()
    case 'choice':
      return fc.constantFrom(...field.options.map((option) => option.value))
    case 'text':
      return field.pattern
        ? fc.constant('ab'.repeat(32))
        : fc.string({ maxLength: Math.min(field.maxLength, 20) })
    case 'group':
      return fc.record(
        Object.fromEntries(Object.entries(field.fields).map(([name, child]) => [name, valid(child)])),
      )
    case 'list':
      return fc.array(valid(field.item), {
        minLength: field.minItems,
        maxLength: Math.min(field.maxItems, 3),
      })
    case 'variant':
      return fc.oneof(
        ...field.options.map((option) =>
          fc
            .record(
              Object.fromEntries(Object.entries(option.fields).map(([name, child]) => [name, valid(child)])),
            )
            .map((rest) => ({ [field.tag]: option.value, ...rest })),
        ),
      )
  }
}

const issuesOf = (value: unknown) => {
  const result = parse(schema, value)
  return result.isValid ? [] : result.issues.map(formatIssue)
}

describe('parse', () => {
  it('fills in every default', () => {
    expect(parse(schema, {})).toEqual({ isValid: true, value: defaultOf(schema) })
  })

  it('names the path of what is wrong, and the nearest name', () => {
    expect(issuesOf({ sede: 1 })).toEqual(['sede: is not a setting; did you mean seed?'])
    expect(issuesOf({ stages: [{ batchSize: 0 }] })[0]).toMatch(
      /^stages\[0\]\.batchSize: must be between 1 and 4096, got 0/,
    )
    expect(issuesOf({ model: { kind: 'gtp' } })[0]).toMatch(/^model\.kind: .*did you mean gpt\?/)
    expect(issuesOf({ model: { embedDim: 1.5 } })).toEqual([
      'model.embedDim: must be a whole number, got 1.5',
    ])
    expect(issuesOf({ data: { source: { kind: 'stored', sha256: 'XY' } } })[0]).toMatch(
      /^data\.source\.sha256: must be the 64 hexadecimal digits/,
    )
  })

  it('refuses values that JSON can hold but a field cannot', () => {
    for (const bad of [null, [], 'x', true, Infinity, {}]) {
      expect(issuesOf({ seed: bad })).toHaveLength(1)
    }
    expect(issuesOf({ stages: [] })[0]).toMatch(/1 to 16 entries, got 0/)
    expect(issuesOf({ model: [] })).toHaveLength(1)
  })

  it('does not let a hostile key reach a prototype', () => {
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    ) as unknown
    expect(issuesOf(hostile)).toHaveLength(2)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('never throws, whatever JSON it gets', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const result = parse(schema, value)
        if (result.isValid) expect(parse(schema, result.value)).toEqual(result)
        else expect(result.issues.length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('diffFromDefaults', () => {
  it('is undone by parse, for every valid value', () => {
    fc.assert(
      fc.property(valid(schema), (value) => {
        const diff = diffFromDefaults(schema, value)
        expect(parse(schema, diff ?? {})).toEqual({ isValid: true, value })
      }),
    )
  })

  it('is empty for the defaults and has one leaf for one change', () => {
    expect(diffFromDefaults(schema, defaults)).toBeUndefined()
    const changed = withValueAt(defaults, ['stages', 0, 'optimizer', 'learningRate'], 0.5)
    expect(diffFromDefaults(schema, changed)).toEqual({ stages: [{ optimizer: { learningRate: 0.5 } }] })
  })
})

describe('nearestName', () => {
  it('finds a misspelling and is silent about strangers', () => {
    expect(nearestName('learningrate', ['learningRate', 'seed'])).toBe('learningRate')
    expect(nearestName('zzzzzzzz', ['learningRate', 'seed'])).toBeNull()
  })
})
