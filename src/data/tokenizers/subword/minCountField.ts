import type { Field } from '../../../core/schema.ts'

export const minCountField = {
  type: 'int',
  label: 'Least count',
  help: 'A pair of tokens that stands less often is not merged.',
  default: 2,
  min: 1,
  max: 1000,
  isAdvanced: true,
} as const satisfies Field
