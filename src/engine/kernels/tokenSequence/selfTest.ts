import type { Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { tokenSequence } from './tokenSequence.ts'

export default defineSelfTest({
  id: 'tokenSequence',
  cases: ({ rows, width }) => [
    {
      name: 'with a prefix and positions',
      compute: () =>
        valueAndGradients(
          [
            [3 * rows, width],
            [3, width],
            [rows + 1, width],
          ],
          (x, prefix, positions) =>
            tokenSequence({
              x: x as Tensor2D,
              batchSize: 3,
              prefix: prefix as Tensor2D,
              positions: positions as Tensor2D,
            }),
        ),
    },
  ],
})
