import type { EstimateState } from '../../runs/estimate.svelte.ts'

type MemoryPlan = NonNullable<EstimateState['value']>['memory']

export interface MemoryPart {
  name: string
  bytes: number
  color: string
}

/** A memory plan by kind, largest first. */
export function shareOfMemory(plan: MemoryPlan): MemoryPart[] {
  const kinds = ['parameters', 'gradients', 'optimizer', 'activations', 'workspace'] as const
  return kinds
    .map((name, i) => ({ name, bytes: plan[name], color: `var(--series-${i + 1})` }))
    .filter((part) => part.bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
}
