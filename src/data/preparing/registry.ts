import { createRegistry } from '../../core/registry.ts'
import type { StepKind } from '../steps/defineStep.ts'

/** All steps that there are; no two share a name. */
export const steps = createRegistry<StepKind<never, never, unknown>>(
  'steps',
  import.meta.glob<{ default: StepKind<never, never, unknown> }>(
    ['./*.ts', '!./*.test.ts', '!./registry.ts', '!./content.ts', '!./sizeOf.ts', '!./otherItems.ts'],
    { eager: true },
  ),
)
