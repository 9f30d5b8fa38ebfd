import type { Estimate } from '../../workers/protocol.ts'
import type { TaskEntry } from '../core/catalog.ts'
import type { RunConfig } from '../core/runConfig.ts'

/** The loss of a model that knows nothing, and what it guesses among. */
export interface Chance {
  /** Cross-entropy in nats: every choice equally likely. */
  readonly loss: number
  readonly choices: number
  readonly unit: 'tokens' | 'classes'
}

/** null where the first loss is not that of a choice, and while nothing is known of the data. */
export function chanceOf(
  estimate: Pick<Estimate, 'facts'> | null | undefined,
  { stages }: Pick<RunConfig, 'stages'>,
  unit: TaskEntry['guesses'],
): Chance | null {
  if (!estimate || unit === null || stages[0]?.losses[0]?.name !== 'cross-entropy') return null
  const { vocabSize = 0, classes = [] } = estimate.facts
  const choices = unit === 'tokens' ? vocabSize : classes.length
  return choices > 1 ? { loss: Math.log(choices), choices, unit } : null
}
