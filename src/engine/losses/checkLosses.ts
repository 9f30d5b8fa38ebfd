import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import type { Issue } from '../../core/schema.ts'
import { losses } from './registry.ts'

/** What does not go together of the settings of losses, and of how they are balanced. */
export function checkLosses({ stages }: Pick<RunConfig, 'stages'>): Issue[] {
  return stages.flatMap((stage, i) =>
    [...contradictions(stage), ...unbounded(stage)].map(({ path, message }) => ({
      path: ['stages', i, 'losses', ...path],
      message,
    })),
  )
}

function contradictions(stage: StageConfig): Issue[] {
  return stage.losses.flatMap(({ name, params }, j) =>
    losses
      .get(name)
      .check(params)
      .map(({ path, message }) => ({ path: [j, 'params', ...path], message })),
  )
}

/** e^−s·L + s has no minimum where L is below 0: s would fall for ever. */
function unbounded({ losses: stageLosses, lossBalance }: StageConfig): Issue[] {
  if (lossBalance.kind !== 'uncertainty') return []
  return stageLosses.flatMap(({ name, params }, j): Issue[] =>
    losses.get(name).canBeNegative(params)
      ? [
          {
            path: [j, 'name'],
            message: `must be a loss that is never below 0 where weights are learned as uncertainties (lossBalance), got ${name}; take averages or fixed weights`,
          },
        ]
      : [],
  )
}
