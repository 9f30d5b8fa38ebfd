import type { ChoiceField, Fields, InferFields } from '../../../core/schema.ts'

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
      help: 'At update k of W warm-up updates, (k + 1) / (W + 1) of the way is done.',
    },
    {
      value: 'hugging-face',
      label: 'Hugging Face',
      help: 'At update k of W, k / W of it: the first update of a linear one has a rate of zero.',
    },
  ],
} as const satisfies ChoiceField

/** Settings of the warm-up that goes before a schedule. */
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
    warmupKind: {
      type: 'choice',
      label: 'Kind of warm-up',
      help: 'How the rate gets to its full value.',
      default: 'linear',
      isAdvanced: true,
      options: [
        { value: 'linear', label: 'Linear', help: 'From nothing, in a straight line.' },
        {
          value: 'constant',
          label: 'Constant',
          help: 'Stays at a share of it, then has all of it at once, as torch’s ConstantLR.',
        },
        {
          value: 'exponential',
          label: 'Exponential',
          help: 'From a share of it, times the same factor at every update, as torch’s ExponentialLR.',
        },
      ],
    },
    warmupShare: {
      type: 'number',
      label: 'Warm-up from',
      help: 'Share of the full rate at which a constant warm-up stays and an exponential one begins.',
      default: 0.1,
      min: 1e-6,
      max: 1,
      scale: 'log',
      isAdvanced: true,
    },
    convention: conventionField,
  } as const satisfies Fields
}

export type Warmup = InferFields<ReturnType<typeof warmupFields>>

/**
 * Factor on the learning rate during the warm-up, null once it is over. With p the part of it that is over and s the share
 * that it begins with: p, s, or s^(1 - p), the three warm-ups of MMCV's learning-rate hook.
 */
export function warmupFactor(step: number, warmup: Warmup): number | null {
  const { warmupSteps, warmupKind, warmupShare, convention } = warmup
  if (step >= warmupSteps) return null
  const progress = convention === 'nanogpt' ? (step + 1) / (warmupSteps + 1) : step / warmupSteps
  switch (warmupKind) {
    case 'linear':
      return progress
    case 'constant':
      return warmupShare
    case 'exponential':
      return warmupShare ** (1 - progress)
  }
}

/**
 * How much of the span from the end of the warm-up to the last update has passed: 0 at its start, 1 at its end, more
 * beyond. A span of no length counts as passed.
 */
export function progressOf({ step, totalSteps }: { step: number; totalSteps: number }): number {
  return totalSteps > 0 ? step / totalSteps : 1
}
