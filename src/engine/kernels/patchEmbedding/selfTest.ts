import type { Tensor1D, Tensor2D, Tensor4D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { patchEmbedding } from './patchEmbedding.ts'

export default defineSelfTest({
  id: 'patchEmbedding',
  restsOn: ['matmul'],
  cases: ({ rows, columns }) => [
    {
      name: 'with a bias',
      compute: () =>
        valueAndGradients([[rows, 4, 8, 3], [48, columns], [columns]], (images, weight, bias) =>
          patchEmbedding(images as Tensor4D, weight as Tensor2D, bias as Tensor1D, 4),
        ),
    },
  ],
})
