import { add, type Tensor1D, type Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { layerNorm } from './layerNorm.ts'
import { normFork } from './normFork.ts'

export default defineSelfTest({
  id: 'layerNorm',
  cases: ({ rows, width }) => {
    const shapes = [[rows, width], [width], [width]]
    return [
      {
        name: 'with gain and bias',
        compute: () =>
          valueAndGradients(shapes, (x, gain, bias) =>
            layerNorm(x as Tensor2D, gain as Tensor1D, bias as Tensor1D, 1e-5),
          ),
      },
      {
        name: 'beside the stream',
        compute: () =>
          valueAndGradients(shapes, (x, gain, bias) =>
            add(
              ...normFork(x as Tensor2D, gain as Tensor1D, bias as Tensor1D, {
                kind: 'layer-norm',
                epsilon: 1e-5,
              }),
            ),
          ),
      },
    ]
  },
})
