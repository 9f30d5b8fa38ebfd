import { DataError } from '../core/errors.ts'

/** Throws `cancelled` once the signal is aborted. Called between pieces of work. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  throw new DataError('Data: the work was cancelled; nothing was stored', { code: 'cancelled' })
}
