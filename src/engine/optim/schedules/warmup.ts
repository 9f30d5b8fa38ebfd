import type { ChoiceField, Fields } from '../../../core/schema.ts'

/** How published code counts. Some formulas go by it after the warm-up as well. */
export const conventionField = {
  type: 'choice',
  label: 'Convention',
  help: 'How published code counts: whether the first update has a rate of zero, and what comes after the last.',
  default: 'nanogpt',
  isAdvanced: true,
  options: [
    {
      value: 'nanogpt',
      label: 'nanoGPT',
      help: 'Update k of W warm-up updates has (k + 1) / (W + 1) of the rate.',
    },
    {
      value: 'hugging-face',
      label: 'Hugging Face',
      help: 'Update k of W has k / W of it, so the first has none.',
    },
  ],
} as const satisfies ChoiceField

/** Settings of the linear warm-up that goes before a schedule. */
export function warmupFields(usualSteps: number) {
  return {
    warmupSteps: {
      type: 'int',
      label: 'Warm-up',
      help: 'Updates over which the learning rate rises to its full value; early gradients are too wild for it.',
      default: usualSteps,
      min: 0,
      max: 10000000,
      unit: 'steps',
    },
    convention: conventionField,
  } as const satisfies Fields
}

export interface Warmup {
  warmupSteps: number
  convention: 'nanogpt' | 'hugging-face'
}

/** Factor on the learning rate during the warm-up, null once it is over. */
export function warmupFactor(step: number, { warmupSteps, convention }: Warmup): number | null {
  if (step >= warmupSteps) return null
  return convention === 'nanogpt' ? (step + 1) / (warmupSteps + 1) : step / warmupSteps
}

/**
 * How much of the span from the end of the warm-up to the last update has passed: 0 at its start, 1 at its end, more
 * beyond. A span of no length counts as passed.
 */
export function progressOf({ step, totalSteps }: { step: number; totalSteps: number }): number {
  return totalSteps > 0 ? step / totalSteps : 1
}
