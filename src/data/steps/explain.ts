import { canonicalJson } from '../../core/canonicalJson.ts'
import type { StepChange, StepIdentity, StepReason, StepRecord } from '../../core/steps.ts'

/** Another input is further away than another setting: most likely it is other data. */
const weights: Readonly<Record<StepChange['of'], number>> = { code: 1, setting: 1, seed: 1, input: 2 }

/** Why a step is not there, told by what was made of the same step before: the nearest of it, and of these the latest. */
export function explain(key: string, identity: StepIdentity, records: readonly StepRecord[]): StepReason {
  const own = records.find((record) => record.key === key)
  // Kept a moment ago: another tab has given it up since.
  if (own) return { kind: own.state === 'kept' ? 'evicted' : own.state }
  const compared = records.map(({ identity: other, usedAt }) => {
    const changes = changesOf(other, identity)
    return { changes, usedAt, distance: changes.reduce((sum, change) => sum + weights[change.of], 0) }
  })
  const [nearest] = compared.sort((a, b) => a.distance - b.distance || b.usedAt - a.usedAt)
  return nearest ? { kind: 'changed', changes: nearest.changes } : { kind: 'never' }
}

function changesOf(before: StepIdentity, now: StepIdentity): StepChange[] {
  const changes: StepChange[] = []
  if (before.version !== now.version)
    changes.push({ of: 'code', name: '', before: before.version, now: now.version })
  changes.push(...differences('code', before.parts, now.parts))
  changes.push(...differences('setting', before.config, now.config))
  if (before.seed !== now.seed) changes.push({ of: 'seed', name: 'seed', before: before.seed, now: now.seed })
  changes.push(...differences('input', before.inputs, now.inputs).map(({ of, name }) => ({ of, name })))
  return changes
}

function differences(of: StepChange['of'], before: unknown, now: unknown): StepChange[] {
  const [old, fresh] = [leavesOf(before), leavesOf(now)]
  const names = [...new Set([...old.keys(), ...fresh.keys()])]
  return names
    .filter((name) => canonicalJson([old.get(name) ?? null]) !== canonicalJson([fresh.get(name) ?? null]))
    .map((name) => ({ of, name, before: old.get(name), now: fresh.get(name) }))
}

function leavesOf(value: unknown, path = '', found = new Map<string, unknown>()): Map<string, unknown> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (entries.length === 0) found.set(path, value)
  for (const [name, member] of entries) leavesOf(member, path === '' ? name : `${path}.${name}`, found)
  return found
}
