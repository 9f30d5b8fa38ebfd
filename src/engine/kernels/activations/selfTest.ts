import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { gelu, quickGelu, relu, reluSquared, silu, swiglu } from './activations.ts'

export default defineSelfTest({
  id: 'activations',
  cases: ({ rows, width }) => [
    {
      name: 'each of them',
      compute: () =>
        [
          (x: Parameters<typeof silu>[0]) => gelu(x, 'exact'),
          (x: Parameters<typeof silu>[0]) => gelu(x, 'tanh'),
          silu,
          quickGelu,
          relu,
          reluSquared,
        ].flatMap((activation) => valueAndGradients([[rows, width]], (x) => activation(x!))),
    },
    {
      name: 'SwiGLU',
      compute: () =>
        valueAndGradients(
          [
            [rows, width],
            [rows, width],
          ],
          (gate, up) => swiglu(gate!, up!),
        ),
    },
  ],
})
