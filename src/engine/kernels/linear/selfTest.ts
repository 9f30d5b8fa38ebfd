import type { Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { dropoutForTest } from '../dropout/selfTest.ts'
import { byEveryMatmul } from '../matmul/chooseMatmul.ts'
import { linear } from './linear.ts'
import { rowScores } from './rowScores.ts'

export default defineSelfTest({
  id: 'linear',
  restsOn: ['matmul'],
  cases: ({ rows, width, columns }) => [
    {
      name: 'with all that can follow a product',
      compute: (backend) =>
        byEveryMatmul(backend, () =>
          valueAndGradients(
            [[rows, width], [width, columns], [columns], [rows, columns]],
            (x, weight, bias, residual) =>
              linear(x as Tensor2D, weight as Tensor2D, bias as Tensor1D, {
                activation: 'gelu-exact',
                residual: residual as Tensor2D,
                dropout: dropoutForTest,
              }),
          ),
        ),
    },
    {
      name: 'scores of rows',
      compute: () =>
        valueAndGradients(
          [
            [rows, width],
            [columns, width],
          ],
          (x, table) => rowScores(x as Tensor2D, table as Tensor2D),
        ),
    },
  ],
})
