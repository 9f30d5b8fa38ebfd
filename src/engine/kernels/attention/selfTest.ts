import type { Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { dropoutForTest } from '../dropout/selfTest.ts'
import { causalAttention, type AttentionOptions } from './attention.ts'

export default defineSelfTest({
  id: 'attention',
  cases: ({ rows, width }) => {
    const headDim = 2 * Math.ceil(Math.min(width, 32) / 4)
    const plain: AttentionOptions = { batchSize: 2, seqLen: rows, numHeads: 2, rotary: null, dropout: null }
    const caseWith = (name: string, options: AttentionOptions) => ({
      name,
      compute: () =>
        valueAndGradients([[2 * rows, 6 * headDim]], (qkv) => causalAttention(qkv as Tensor2D, options)),
    })
    return [
      caseWith('causal', plain),
      caseWith('with rotary positions and dropout', {
        ...plain,
        rotary: { base: 10000, style: 'half-split' },
        dropout: dropoutForTest,
      }),
    ]
  },
})
