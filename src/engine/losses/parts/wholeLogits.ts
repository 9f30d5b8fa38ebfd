import { BunsenError } from '../../../core/errors.ts'
import type { Tensor2D } from '../../backend/tfjs.ts'
import type { LossInputs } from '../lossInputs.ts'

/**
 * Logits for losses that need every one of a row.
 * @throws BunsenError `unmade-logits`
 */
export function wholeLogits(id: string, logits: LossInputs['classes']['logits']): Tensor2D {
  if (!('table' in logits)) return logits
  throw new BunsenError(`Loss ${id}: needs logits as a whole, got ones that are made in parts`, {
    code: 'unmade-logits',
    remedy: 'Raise the memory budget, lower the batch size, or take plain cross-entropy.',
  })
}
