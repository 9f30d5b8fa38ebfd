import { createRegistry } from '../../../core/registry.ts'
import type { NoticeSpec } from './defineNotice.ts'

export const notices = createRegistry(
  'Notice',
  import.meta.glob<{ default: NoticeSpec }>(
    [
      './*.ts',
      '!./*.test.ts',
      '!./registry.ts',
      '!./defineNotice.ts',
      '!./history.ts',
      '!./towers.ts',
      '!./units.ts',
      '!./extremes.ts',
    ],
    { eager: true },
  ),
)
