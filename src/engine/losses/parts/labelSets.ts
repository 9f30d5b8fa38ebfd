import { cast, greater, mul, pad, reshape, sum, tensor1d, type Tensor2D } from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'

/** So many bits are whole numbers in float32, whatever is added to them. */
const bitsInWord = 24

/**
 * Labels as sets that `similarityLoss` compares.
 * @param labels [N, L], above 0.5 where a row has a label
 * @returns int32 [N, W], 24 labels a word
 */
export function labelSets(labels: Tensor2D): Tensor2D {
  const [rows, count] = labels.shape
  const words = Math.ceil(count / bitsInWord)
  const unused = words * bitsInWord - count
  return offTape(() => {
    const padded = reshape(
      pad(labels, [
        [0, 0],
        [0, unused],
      ]),
      [rows, words, bitsInWord],
    )
    const powers = tensor1d(Array.from({ length: bitsInWord }, (_, bit) => 2 ** bit))
    return cast(sum(mul(cast(greater(padded, 0.5), 'float32'), powers), 2), 'int32')
  })
}
