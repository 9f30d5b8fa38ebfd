import type { StoredStatus } from './records.ts'

/** A run's state in a word, and how it is coloured. */
export const statusWords: Record<
  StoredStatus,
  { word: string; tone: 'plain' | 'active' | 'warning' | 'error' }
> = {
  preparing: { word: 'preparing', tone: 'active' },
  running: { word: 'running', tone: 'active' },
  paused: { word: 'paused', tone: 'active' },
  done: { word: 'done', tone: 'plain' },
  stopped: { word: 'stopped', tone: 'plain' },
  failed: { word: 'failed', tone: 'error' },
  interrupted: { word: 'interrupted', tone: 'warning' },
}
