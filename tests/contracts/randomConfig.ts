import fc from 'fast-check'
import type { ConfigValue, Field, Fields } from '../../src/core/schema.ts'

/** Any value that a descriptor allows. */
export function randomValue(field: Field): fc.Arbitrary<ConfigValue> {
  switch (field.type) {
    case 'int':
      return fc.integer({ min: Math.max(field.min, -1e9), max: Math.min(field.max, 1e9) })
    case 'number':
      return fc.double({ min: field.min, max: field.max, noNaN: true })
    case 'bool':
      return fc.boolean()
    case 'choice':
      return fc.constantFrom(...field.options.map(({ value }) => value))
    case 'text':
      return field.pattern
        ? fc
            .stringMatching(new RegExp(`^(?:${field.pattern.source})$`, 'u'))
            .filter((text) => text.length <= field.maxLength)
        : fc
            .string({ maxLength: Math.min(field.maxLength, 40), unit: 'grapheme' })
            .filter((text) => text.length <= field.maxLength)
    case 'group':
      return randomFields(field.fields)
    case 'list':
      return fc.array(randomValue(field.item), {
        minLength: field.minItems,
        maxLength: Math.min(field.maxItems, field.minItems + 2),
      })
    case 'variant':
      return fc.oneof(
        ...field.options.map(({ value, fields }) =>
          randomFields(fields).map((rest) => ({ [field.tag]: value, ...rest })),
        ),
      )
  }
}

function randomFields(fields: Fields): fc.Arbitrary<Record<string, ConfigValue>> {
  return fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, randomValue(field)])),
  )
}

/** Every field of a tree with its path, for checks of the descriptors themselves. */
export function allFields(fields: Fields, path = ''): { path: string; field: Field }[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const here = { path: path === '' ? name : `${path}.${name}`, field }
    return [here, ...insideOf(field, here.path)]
  })
}

function insideOf(field: Field, path: string): { path: string; field: Field }[] {
  if (field.type === 'group') return allFields(field.fields, path)
  if (field.type === 'list')
    return [{ path: `${path}[]`, field: field.item }, ...insideOf(field.item, `${path}[]`)]
  if (field.type !== 'variant') return []
  return field.options.flatMap(({ value, fields }) => allFields(fields, `${path}(${value})`))
}
