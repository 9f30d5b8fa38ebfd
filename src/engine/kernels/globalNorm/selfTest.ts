import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { clipByGlobalNorm } from './globalNorm.ts'

export default defineSelfTest({
  id: 'globalNorm',
  cases: ({ rows, width, columns }) => [
    {
      name: 'of tensors of several lengths',
      compute: () => {
        const gradients = [[rows, width], [columns], [rows * columns, width]].map((shape, k) =>
          normalTensor(`gradient ${k}`, shape),
        )
        return [
          clipByGlobalNorm(gradients, 1),
          clipByGlobalNorm(gradients, 0),
          clipByGlobalNorm(gradients, 1, 'max'),
        ]
      },
    },
  ],
})
