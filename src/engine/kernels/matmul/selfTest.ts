import { matMul, transpose, type Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { matmul } from './matmul.ts'
import { usualKernels } from './matmulKernels.ts'

export default defineSelfTest({
  id: 'matmul',
  cases: ({ rows, width, columns }) =>
    [
      { name: 'a · b', isATransposed: false, isBTransposed: false },
      { name: 'a · bᵀ', isATransposed: false, isBTransposed: true },
      { name: 'aᵀ · b', isATransposed: true, isBTransposed: false },
    ].map(({ name, ...order }) => ({
      name,
      compute: (backend) => {
        const [a, b] = [normalTensor('a', [rows, width]), normalTensor('b', [width, columns])] as [
          Tensor2D,
          Tensor2D,
        ]
        const product = {
          ...order,
          a: order.isATransposed ? (transpose(a) as Tensor2D) : a,
          b: order.isBTransposed ? (transpose(b) as Tensor2D) : b,
        }
        return backend === null
          ? [matMul(a, b)]
          : usualKernels(backend, true).map((kernel) => matmul(backend, { ...product, kernel }))
      },
    })),
})
