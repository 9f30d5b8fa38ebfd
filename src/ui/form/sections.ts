import type { ConfigValue, Field } from '../../core/schema.ts'
import { formatValue } from '../../core/changes.ts'
import type { Draft } from '../../runs/draft.svelte.ts'
import { formatCount } from '../format.ts'

/** Fields that hold other fields become sections of the form. */
export function isRange(field: Field): boolean {
  return field.type === 'group' || field.type === 'list' || field.type === 'variant'
}

/** What a folded section holds, in a few words. */
export function summaryOfSection(draft: Draft, name: string, field: Field): string {
  const value = draft.value([name])
  if (value === undefined) return ''
  if (name === 'data') return sourceName(draft)
  if (name === 'stages') {
    const steps = draft.config.stages.reduce((sum, stage) => sum + stage.totalSteps, 0)
    return `${formatCount(steps)} steps${draft.config.stages.length > 1 ? ` in ${draft.config.stages.length} stages` : ''}`
  }
  if (field.type === 'variant') return formatValue(field, value)
  if (name === 'evaluation') return `sample every ${(value as Record<string, ConfigValue>)['sampleEvery']}`
  if (name === 'memory') return `budget ${formatCount(draft.config.memory.budgetMegabytes)} MB`
  return ''
}

function sourceName(draft: Draft): string {
  const { source } = draft.config.data
  if (source.kind === 'stored') return source.name
  return draft.catalog.bundled.find((entry) => entry.id === source.id)?.title ?? source.id
}
