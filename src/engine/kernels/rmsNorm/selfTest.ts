import { add, type Tensor1D, type Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { normFork } from '../layerNorm/normFork.ts'
import { rmsNorm } from './rmsNorm.ts'

export default defineSelfTest({
  id: 'rmsNorm',
  cases: ({ rows, width }) => {
    const shapes = [[rows, width], [width]]
    return [
      {
        name: 'with gain',
        compute: () => valueAndGradients(shapes, (x, gain) => rmsNorm(x as Tensor2D, gain as Tensor1D, 1e-5)),
      },
      {
        name: 'beside the stream',
        compute: () =>
          valueAndGradients(shapes, (x, gain) =>
            add(...normFork(x as Tensor2D, gain as Tensor1D, null, { kind: 'rms-norm', epsilon: 1e-5 })),
          ),
      },
    ]
  },
})
