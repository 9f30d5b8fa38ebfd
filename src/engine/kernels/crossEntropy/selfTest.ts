import type { Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, someIds, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { crossEntropy } from './crossEntropy.ts'

export default defineSelfTest({
  id: 'crossEntropy',
  cases: ({ rows, width }) => [
    {
      name: 'with smoothing and ignored targets',
      compute: () => {
        const options = { labelSmoothing: 0.1, ignoreIndex: 0 }
        return valueAndGradients([[rows, width]], (logits) =>
          crossEntropy(logits as Tensor2D, someIds(rows, width), options),
        )
      },
    },
  ],
})
