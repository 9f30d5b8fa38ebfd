import type { Tensor2D } from '../../backend/tfjs.ts'
import { reshape } from '../../backend/tfjs.ts'
import { defineSelfTest, someIds, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { meanTokens } from './meanTokens.ts'

export default defineSelfTest({
  id: 'tokenPooling',
  cases: ({ rows, width }) => [
    {
      name: 'mean',
      compute: () => valueAndGradients([[3 * rows, width]], (x) => meanTokens(x as Tensor2D, 3, null)),
    },
    {
      name: 'mean of some',
      compute: () =>
        valueAndGradients([[3 * rows, width]], (x) =>
          meanTokens(x as Tensor2D, 3, reshape(someIds(3 * rows, 2), [3, rows])),
        ),
    },
  ],
})
