import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import { defaultLargestScale } from '../losses/parts/temperature.ts'
import { lossKeys, lossTensorName } from '../losses/stageMemory.ts'

type Losses = Pick<StageConfig, 'losses'>

/** Of the losses of a stage that have a temperature: where the logarithm of its inverse is learned, and begins. */
function logScales({
  losses,
}: Losses): { readonly learned: string | null; readonly first: number; readonly most: number }[] {
  const keys = lossKeys(losses)
  return losses.flatMap(({ params: { temperature, isTemperatureLearned, largestScale } }, i) =>
    typeof temperature === 'number'
      ? [
          {
            learned: isTemperatureLearned === true ? lossTensorName(keys[i]!, 'logScale') : null,
            first: -Math.log(temperature),
            most: Math.log(typeof largestScale === 'number' ? largestScale : defaultLargestScale),
          },
        ]
      : [],
  )
}

/** Names of the temperatures that a run learns, each as the logarithm of its inverse [1]. */
export function learnedLogScales({ stages }: Pick<RunConfig, 'stages'>): string[] {
  return [...new Set(stages.flatMap((stage) => logScales(stage).flatMap(({ learned }) => learned ?? [])))]
}

/** Where each temperature that a stage learns is held: the largest logarithm of its inverse, by the names of the tensors. */
export function logScaleLimits(stage: Losses): ReadonlyMap<string, number> {
  return new Map(
    logScales(stage).flatMap(({ learned, most }): [string, number][] =>
      learned === null ? [] : [[learned, most]],
    ),
  )
}

/**
 * The logarithm of what a stage's first loss with a temperature multiplies similarities by; null where none has one.
 * @param valueOf the learned number of a name
 */
export function logScaleOf(stage: Losses, valueOf: (name: string) => number | undefined): number | null {
  const [scale] = logScales(stage)
  if (scale === undefined) return null
  const learned = scale.learned === null ? undefined : valueOf(scale.learned)
  return learned === undefined ? scale.first : Math.min(learned, scale.most)
}
