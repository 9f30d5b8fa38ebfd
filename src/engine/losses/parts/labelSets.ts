import { cast, greater, mul, pad, reshape, sum, tensor1d, type Tensor2D } from '../../backend/tfjs.ts'

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
  const padded = pad(labels, [
    [0, 0],
    [0, words * bitsInWord - count],
  ])
  const bits = cast(greater(reshape(padded, [rows, words, bitsInWord]), 0.5), 'float32')
  const powers = tensor1d(Array.from({ length: bitsInWord }, (_, bit) => 2 ** bit))
  return cast(sum(mul(bits, powers), 2), 'int32')
}
