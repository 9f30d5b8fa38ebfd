import type { NumberField } from '../../../core/schema.ts'

/** Where a decaying schedule ends. A fraction, so that changing the base rate in mid-run keeps the shape. */
export const finalFraction = {
  type: 'number',
  label: 'Final fraction',
  help: 'What is left of the learning rate at the end; 0.1 is usual, 0 stops learning.',
  default: 0.1,
  min: 0,
  max: 1,
  step: 0.01,
} as const satisfies NumberField
