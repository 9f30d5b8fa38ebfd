import type { Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, someIds, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { linearCrossEntropy } from './linearCrossEntropy.ts'

export default defineSelfTest({
  id: 'linearCrossEntropy',
  restsOn: ['matmul'],
  cases: ({ rows, width, columns }) => [
    {
      name: 'with smoothing and ignored targets',
      compute: () => {
        const options = { labelSmoothing: 0.1, ignoreIndex: 0 }
        const shapes = [
          [rows, width],
          [columns, width],
        ]
        return valueAndGradients(shapes, (x, table) =>
          linearCrossEntropy(x as Tensor2D, table as Tensor2D, someIds(rows, columns), options),
        )
      },
    },
  ],
})
