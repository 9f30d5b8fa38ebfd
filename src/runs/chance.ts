import type { Estimate } from '../../workers/protocol.ts'

/** The loss of a model that knows nothing, and what it guesses among. */
export interface Chance {
  /** Cross-entropy in nats: every choice equally likely. */
  readonly loss: number
  readonly choices: number
  readonly unit: 'tokens' | 'classes'
}

/** null where losses are not those of a choice, and while nothing is known of the data. */
export function chanceOf(estimate: Pick<Estimate, 'facts'> | null | undefined): Chance | null {
  if (!estimate) return null
  const { vocabSize, classes } = estimate.facts
  const unit = vocabSize === undefined ? 'classes' : 'tokens'
  const choices = vocabSize ?? classes?.length ?? 0
  return choices > 1 ? { loss: Math.log(choices), choices, unit } : null
}
