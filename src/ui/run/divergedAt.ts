import type { PlainError } from '../../core/errors.ts'

/** The update after which numbers were no longer any, of a run that failed by it; null of other errors. */
export function divergedAt({ code, details }: PlainError): number | null {
  const step = details['step']
  return code === 'non-finite' && typeof step === 'number' ? step : null
}
