import { evictionPlan } from '../core/steps.ts'
import type { BunsenDatabase } from './databaseSchema.ts'
import { writeSetting } from './settingsStore.ts'
import { giveUpSteps, stepBudget, stepBudgetKey } from './stepEntries.ts'
import { pinnedSteps } from './stepPins.ts'
import { attempt } from './transact.ts'

/** What all that steps made takes, and may take. */
export interface StepUse {
  readonly usedBytes: number
  readonly budgetBytes: number
  readonly entries: number
}

export async function stepUse(db: BunsenDatabase): Promise<StepUse> {
  const stored = await attempt('reading sizes of steps', () => db.getAll('steps'))
  const kept = stored.filter(({ state }) => state === 'kept')
  return {
    usedBytes: kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    budgetBytes: await stepBudget(db),
    entries: kept.length,
  }
}

/** Takes effect at once; what runs are using stays until they end. */
export async function setStepBudget(
  db: BunsenDatabase,
  budgetBytes: number,
  pinned: () => Promise<ReadonlySet<string>> = pinnedSteps,
): Promise<void> {
  await writeSetting(db, stepBudgetKey, budgetBytes)
  await shrinkSteps(db, budgetBytes, await pinned())
}

/** Gives back the space of all that no run is using. */
export async function clearSteps(
  db: BunsenDatabase,
  pinned: () => Promise<ReadonlySet<string>> = pinnedSteps,
): Promise<void> {
  await shrinkSteps(db, 0, await pinned())
}

async function shrinkSteps(
  db: BunsenDatabase,
  budgetBytes: number,
  pinned: ReadonlySet<string>,
): Promise<void> {
  const stored = await attempt('reading sizes of steps', () => db.getAll('steps'))
  const free = stored.filter(({ state, key }) => state === 'kept' && !pinned.has(key))
  const pinnedBytes = stored
    .filter(({ state, key }) => state === 'kept' && pinned.has(key))
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const plan = evictionPlan(free, {
    neededBytes: 0,
    budgetBytes: Math.max(0, budgetBytes - pinnedBytes),
    pinned: new Set(),
  })
  await giveUpSteps(db, plan ?? [], 'evicted')
}
