import type { Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { dropoutForTest } from '../dropout/selfTest.ts'
import { byEveryMatmul } from '../matmul/chooseMatmul.ts'
import { feedForward } from './feedForward.ts'

const bare = (weight: unknown) => ({ weight: weight as Tensor2D, bias: null })

export default defineSelfTest({
  id: 'feedForward',
  restsOn: ['matmul'],
  cases: ({ rows, width, columns }) => {
    const up = [width, columns]
    const down = [columns, width]
    return [
      {
        name: 'GELU with bias, dropout and residual',
        compute: (backend) =>
          byEveryMatmul(backend, () =>
            valueAndGradients(
              [[rows, width], up, [columns], down, [width], [rows, width]],
              (x, upWeight, upBias, downWeight, downBias, residual) =>
                feedForward(
                  x as Tensor2D,
                  {
                    up: { weight: upWeight as Tensor2D, bias: upBias as Tensor1D },
                    down: { weight: downWeight as Tensor2D, bias: downBias as Tensor1D },
                    gate: null,
                  },
                  { activation: 'gelu-tanh', residual: residual as Tensor2D, dropout: dropoutForTest },
                ),
            ),
          ),
      },
      {
        name: 'SwiGLU',
        compute: (backend) =>
          byEveryMatmul(backend, () =>
            valueAndGradients([[rows, width], up, down, up], (x, upWeight, downWeight, gateWeight) =>
              feedForward(
                x as Tensor2D,
                { up: bare(upWeight), down: bare(downWeight), gate: bare(gateWeight) },
                { activation: 'silu', residual: null, dropout: null },
              ),
            ),
          ),
      },
    ]
  },
})
