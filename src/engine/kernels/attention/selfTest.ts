import { tensor2d, type Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { dropoutForTest } from '../dropout/selfTest.ts'
import { attention, plainAttention, type AttentionOptions } from './attention.ts'

export default defineSelfTest({
  id: 'attention',
  cases: ({ rows, width }) => {
    const keys = rows + 3
    // 64 at the largest of the usual sizes: longer heads than 32 are shared by teams of threads on GPUs.
    const headDim = 4 * Math.ceil(width / 8)
    const plain: AttentionOptions = { ...plainAttention, batchSize: 2, numHeads: 2, numKeyHeads: 2 }
    const packed = (name: string, options: AttentionOptions) => ({
      name,
      compute: () =>
        valueAndGradients([[2 * rows, (options.numHeads + 2 * options.numKeyHeads) * headDim]], (qkv) =>
          attention({ qkv: qkv as Tensor2D }, options),
        ),
    })
    return [
      packed('causal', { ...plain, isCausal: true }),
      packed('with rotary positions, dropout and grouped heads', {
        ...plain,
        numKeyHeads: 1,
        isCausal: true,
        rotary: { base: 10000, style: 'half-split', rotaryDim: headDim, firstPosition: 0 },
        dropout: dropoutForTest,
      }),
      packed('with a window and ALiBi', { ...plain, windowSize: 3, hasAlibi: true }),
      {
        name: 'across, with a mask of keys',
        compute: () => {
          const there = Int32Array.from({ length: 2 * keys }, (_, n) => Number(n % 3 !== 0))
          const keyMask = tensor2d(there, [2, keys], 'int32')
          return valueAndGradients(
            [
              [2 * rows, 2 * headDim],
              [2 * keys, 4 * headDim],
            ],
            (q, kv) => attention({ q: q as Tensor2D, kv: kv as Tensor2D }, { ...plain, keyMask }),
          )
        },
      },
    ]
  },
})
