import type { CatalogEntry } from '../../../core/catalog.ts'
import type { Fields, InferFields } from '../../../core/schema.ts'
import { typedConfig, type ConfigRecord } from '../../ops/typedConfig.ts'
import { warmupFactor, warmupFields, type Warmup } from './warmup.ts'

export interface SchedulePoint {
  /** Updates of the stage finished before this one: 0 for the first. */
  readonly step: number
  /** Updates of the whole stage. */
  readonly totalSteps: number
  /** The optimizer's base learning rate: what the schedule scales. */
  readonly learningRate: number
}

export interface ScheduleSpec extends CatalogEntry {
  /** The learning rate of one update. Pure: resuming needs nothing but the step. */
  learningRateAt(params: ConfigRecord, point: SchedulePoint): number
}

interface ScheduleDefinition<F extends Fields> extends CatalogEntry {
  readonly fields: F
  /**
   * Updates of warm-up before the schedule, where nothing is said. `own`: the formula has a warm-up of its own,
   * so it gets none.
   */
  readonly warmupSteps: number | 'own'
  /** Share of the base rate that the formula begins at, which the warm-up rises to; 1 where it is not given. */
  beginsAt?(params: InferFields<F>): number
  /** The rate after the warm-up: `step` is counted from its end, `totalSteps` are those left then, possibly none or fewer. */
  learningRateAt(params: InferFields<F>, point: SchedulePoint): number
}

/** Gives the schedule its warm-up: the same one for each, and nowhere else. */
export function defineSchedule<const F extends Fields>(definition: ScheduleDefinition<F>): ScheduleSpec {
  const typed = (params: ConfigRecord) => typedConfig(definition.fields, params)
  const { warmupSteps: usual } = definition
  if (usual === 'own')
    return {
      ...definition,
      learningRateAt: (params, point) => definition.learningRateAt(typed(params), point),
    }
  const warmup = warmupFields(usual)
  return {
    ...definition,
    fields: { ...warmup, ...definition.fields },
    learningRateAt(params, point) {
      const { step, totalSteps, learningRate } = point
      const given: Warmup = typedConfig(warmup, params)
      const warming = warmupFactor(step, given)
      if (warming !== null) return learningRate * (definition.beginsAt?.(typed(params)) ?? 1) * warming
      return definition.learningRateAt(typed(params), {
        step: step - given.warmupSteps,
        totalSteps: totalSteps - given.warmupSteps,
        learningRate,
      })
    },
  }
}
