import type { EstimateState } from '../../runs/estimate.svelte.ts'
import { formatSize } from '../format.ts'

type MemoryPlan = NonNullable<EstimateState['value']>['memory']

export interface MemoryPart {
  /** For people. */
  name: string
  bytes: number
  color: string
}

/** A memory plan by kind, largest first. */
export function shareOfMemory(plan: MemoryPlan): MemoryPart[] {
  const kinds = ['parameters', 'gradients', 'optimizer', 'activations', 'workspace', 'other'] as const
  return kinds
    .map((kind, i) => ({
      name: kind === 'other' ? 'inputs' : kind,
      bytes: plan[kind],
      color: `var(--series-${i + 1})`,
    }))
    .filter((part) => part.bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
}

/** `31.4 MB`, with `≈` before it while it is estimated. */
export function formatPlanned(plan: MemoryPlan, bytes: number): string {
  return `${plan.isExact ? '' : '≈ '}${formatSize(bytes)}`
}

export function isOverBudget({ total, budget }: MemoryPlan): boolean {
  return total > budget
}

/** Where the figures of a plan come from, and what they leave open. */
export function planNotes(plan: MemoryPlan): string[] {
  const notes = [
    plan.isExact
      ? 'Counted in a recorded step of the most demanding stage.'
      : 'Counted in a step recorded for a graphics card, or drawn from smaller batches: what this run takes may differ.',
  ]
  if (plan.isCheckpointed)
    notes.push('Gradient checkpointing is on: blocks are computed again in the backward pass.')
  if (plan.areLogitsInParts)
    notes.push('Logits are made for some rows at a time and never stored as a whole.')
  if (isOverBudget(plan)) {
    notes.push(
      `That is over the memory budget of ${formatSize(plan.budget)}: lower the batch size, the context or the width${plan.isCheckpointed ? '' : ', turn on gradient checkpointing'}, or raise the budget. No step is tried before the run, so its speed is not known.`,
    )
  }
  if (plan.limit !== null && plan.isExact && plan.largest.sizeBytes <= plan.limit.bytes)
    notes.push('Every buffer fits this adapter; how much memory it has in all, WebGPU does not tell.')
  return notes
}
