import type { StageConfig } from '../../../core/runConfig.ts'
import type { SchedulePoint } from './defineSchedule.ts'
import { schedules } from './registry.ts'

/** The learning rate that a stage's schedule gives for one update. */
export function learningRateAt(schedule: StageConfig['schedule'], point: SchedulePoint): number {
  return schedules.get(schedule.kind).learningRateAt(schedule, point)
}
