import type { Tensor3D } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { newtonSchulz } from './newtonSchulz.ts'

export default defineSelfTest({
  id: 'newtonSchulz',
  restsOn: ['matmul'],
  cases: ({ rows, width, columns }) => [
    {
      name: 'stacks of wide and of tall matrices',
      compute: () => {
        const shapes = [
          [2, width, rows],
          [3, rows, width],
          [1, columns, columns],
        ]
        const stacks = shapes.map((shape, k) => normalTensor(`stack ${k}`, shape) as Tensor3D)
        return newtonSchulz(stacks, 2)
      },
    },
    {
      // Rows whose Gram matrices lie in one stack.
      name: 'stacks of eight rows',
      compute: () =>
        newtonSchulz(
          [normalTensor('a', [2, 8, rows]) as Tensor3D, normalTensor('b', [1, 8, width]) as Tensor3D],
          2,
        ),
    },
  ],
})
