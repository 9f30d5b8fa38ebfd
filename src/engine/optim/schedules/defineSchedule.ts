import type { CatalogEntry } from '../../../core/catalog.ts'
import type { Fields, InferFields } from '../../../core/schema.ts'
import { typedConfig, type ConfigRecord } from '../../ops/typedConfig.ts'

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
  learningRateAt(params: InferFields<F>, point: SchedulePoint): number
}

export function defineSchedule<const F extends Fields>(definition: ScheduleDefinition<F>): ScheduleSpec {
  return {
    ...definition,
    learningRateAt: (params, point) =>
      definition.learningRateAt(typedConfig(definition.fields, params), point),
  }
}
