import type { Field } from '../schema.ts'

/** What decides which of several kernels makes a matrix product. */
export const kernelsField = {
  type: 'choice',
  label: 'Kernels',
  help: 'Which of several kernels makes a matrix product. It changes speed, and the last bits of what is computed.',
  default: 'table',
  isAdvanced: true,
  options: [
    {
      value: 'table',
      label: 'From a table',
      help: 'The same on every adapter of a kind: equal configurations give equal bits.',
    },
    {
      value: 'measured',
      label: 'Measured',
      help: 'Timed for a second before the first step. The choice is kept with the run, and used when it goes on.',
    },
  ],
} as const satisfies Field
