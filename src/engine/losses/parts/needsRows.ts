import { BunsenError } from '../../../core/errors.ts'

/**
 * For losses that compare rows of a batch with each other.
 * @throws BunsenError `loss-batch-size`
 */
export function needsRows(id: string, count: number, least: number): void {
  if (count >= least) return
  throw new BunsenError(`Loss ${id}: needs at least ${least} rows in a batch, got ${count}`, {
    code: 'loss-batch-size',
    remedy: 'Raise the batch size.',
  })
}
