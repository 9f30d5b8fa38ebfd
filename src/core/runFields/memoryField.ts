import type { Field } from '../schema.ts'

/** What a run may take on the device. It changes no number that is computed. */
export const memoryField = {
  type: 'group',
  label: 'Memory',
  help: 'What the run may take on the device. It changes speed and memory, not a bit of what is computed.',
  isAdvanced: true,
  fields: {
    gradientCheckpointing: {
      type: 'choice',
      label: 'Gradient checkpointing',
      help: 'Keeps only the input of each block and computes the rest again in the backward pass: far less memory for up to a third more work.',
      default: 'auto',
      options: [
        { value: 'auto', label: 'When needed', help: 'In stages whose plan is over the budget.' },
        { value: 'on', label: 'Always' },
        { value: 'off', label: 'Never' },
      ],
      link: 'https://arxiv.org/abs/1604.06174',
    },
    budgetMegabytes: {
      type: 'int',
      label: 'Memory budget',
      help: 'What a plan should stay below. WebGPU does not tell how much memory a device has: lower it on small machines, raise it on large ones.',
      default: 4096,
      min: 16,
      max: 1000000,
      scale: 'log',
      unit: 'MB',
    },
  },
} as const satisfies Field
