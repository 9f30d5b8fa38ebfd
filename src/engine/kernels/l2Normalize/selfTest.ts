import type { Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { l2Normalize } from './l2Normalize.ts'

export default defineSelfTest({
  id: 'l2Normalize',
  cases: ({ rows, width }) => [
    {
      name: 'rows',
      compute: () => valueAndGradients([[rows, width]], (x) => l2Normalize(x as Tensor2D)),
    },
  ],
})
