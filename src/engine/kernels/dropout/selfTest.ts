import type { Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { dropPath } from './dropPath.ts'
import { dropout, type DropoutOptions } from './dropout.ts'

/** For the self-tests of kernels that drop out as they go. */
export const dropoutForTest: DropoutOptions = { rate: 0.3, key: [11, 13], step: 5, counter: null }

export default defineSelfTest({
  id: 'dropout',
  cases: ({ rows, width }) => [
    {
      name: 'mask',
      compute: () => valueAndGradients([[rows, width]], (x) => dropout(x!, dropoutForTest)),
    },
    {
      name: 'whole samples',
      compute: () =>
        valueAndGradients(
          [
            [rows, width],
            [rows, width],
          ],
          (x, residual) =>
            dropPath({ x: x as Tensor2D, residual: residual as Tensor2D, batchSize: rows }, dropoutForTest),
        ),
    },
  ],
})
