import type { Tensor4D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { averagePool, maxPool } from './pool2d.ts'

export default defineSelfTest({
  id: 'pool2d',
  cases: ({ width }) =>
    Object.entries({ maxPool, averagePool }).map(([name, pool]) => ({
      name,
      compute: () =>
        valueAndGradients([[2, 7, 9, width]], (x) =>
          pool(x as Tensor4D, { size: [3, 3], stride: [2, 2], padding: 'same' }),
        ),
    })),
})
