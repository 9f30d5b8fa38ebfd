import type { DataFacts } from '../../core/dataFacts.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import { scratchBytes } from '../kernels/rowChunks.ts'
import { losses } from '../losses/registry.ts'
import { tasks } from '../tasks/registry.ts'

/** What every WebGPU adapter can bind as one. */
const boundAnywhere = 128 * 2 ** 20

/**
 * Whether a stage never makes the logits of a batch as a whole, but for some rows at a time, in the loss: where each token
 * is scored, all losses can do so, and they are larger than 128 MiB or than an eighth of the memory budget, unless that is
 * less than 32 MiB, the size of a part. The same on every device, since it decides the bits.
 */
export function areLogitsInParts(config: RunConfig, stage: StageConfig, facts: DataFacts): boolean {
  if (!stage.losses.every(({ name, params }) => losses.get(name).takesLogitsInParts(params))) return false
  const most = Math.max(scratchBytes, Math.min(boundAnywhere, (config.memory.budgetMegabytes * 1e6) / 8))
  return logitBytes(config, stage, facts) > most
}

/** How many parts there would be. */
export function partsOfLogits(config: RunConfig, stage: StageConfig, facts: DataFacts): number {
  return areLogitsInParts(config, stage, facts) ? logitBytes(config, stage, facts) / scratchBytes : 1
}

/** How many tokens the model's head scores at each place; null where it scores none. */
export function scoredTokens(config: RunConfig, facts: DataFacts): number | null {
  const { tokens, sequencePairs } = tasks.get(config.task).sizes(facts, config)
  return (tokens?.head.kind === 'tokens' ? tokens : sequencePairs?.target)?.vocabSize ?? null
}

/** Of a batch; 0 where tokens are not scored. */
function logitBytes(config: RunConfig, { batchSize }: StageConfig, facts: DataFacts): number {
  const target = Object.values(tasks.get(config.task).arrays(facts, config)).find(({ isTarget }) => isTarget)
  return 4 * batchSize * (target?.perItem ?? 0) * (scoredTokens(config, facts) ?? 0)
}
