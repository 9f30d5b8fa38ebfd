import { createRegistry } from '../../../core/registry.ts'
import { catalogEntries } from '../../ops/catalogEntries.ts'
import type { ScheduleSpec } from './defineSchedule.ts'

export const schedules = createRegistry(
  'Schedule',
  import.meta.glob<{ default: ScheduleSpec }>(
    [
      './*.ts',
      '!./*.test.ts',
      '!./registry.ts',
      '!./defineSchedule.ts',
      '!./learningRate.ts',
      '!./warmup.ts',
      '!./finalFraction.ts',
    ],
    { eager: true },
  ),
)

export const scheduleEntries = catalogEntries(schedules.all, 'cosine')
