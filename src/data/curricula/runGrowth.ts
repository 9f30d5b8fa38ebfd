import type { RunConfig, UpdatePlace } from '../../core/runConfig.ts'
import { competence } from './competence.ts'
import type { CurriculumOf } from './curriculum.ts'

/** How far a run has come at an update, by its own count or by that of a stage that grows by itself. */
export interface RunGrowth {
  /** Places that may be drawn, the easiest first, at least `least` of them; null for all. */
  chosen(place: UpdatePlace, least: number): Int32Array | null
  /** Share of the strength of augmentation, from 0 to 1. */
  strength(place: UpdatePlace): number
}

/** Pure functions of the place in the run: nothing is counted along. @throws DataError `curriculum-kind` */
export function runGrowth(
  { data, stages }: Pick<RunConfig, 'data' | 'stages'>,
  curriculumOf: CurriculumOf,
): RunGrowth {
  const ofRun = curriculumOf(data.curriculum, 'Curriculum')
  const ofStages = stages.map(({ curriculum }, i) =>
    curriculum.kind === 'run' ? null : { own: curriculumOf(curriculum, `Curriculum of stage ${i + 1}`) },
  )
  return {
    chosen({ step, stageIndex, stageStep }, least) {
      const stage = ofStages[stageIndex]!
      return (stage === null ? ofRun?.at(step, least) : stage.own?.at(stageStep, least)) ?? null
    },
    strength({ step, stageIndex, stageStep }) {
      const { severity } = stages[stageIndex]!
      const [growth, at] = severity.kind === 'run' ? [data.severity, step] : [severity, stageStep]
      return growth.kind === 'full' ? 1 : competence(growth, at)
    },
  }
}
