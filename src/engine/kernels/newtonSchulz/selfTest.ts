import type { Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { newtonSchulz } from './newtonSchulz.ts'

export default defineSelfTest({
  id: 'newtonSchulz',
  restsOn: ['matmul'],
  cases: ({ rows, width }) => [
    { name: 'wide', compute: () => [newtonSchulz(normalTensor('wide', [width, rows]) as Tensor2D, 2)] },
    { name: 'tall', compute: () => [newtonSchulz(normalTensor('tall', [rows, width]) as Tensor2D, 2)] },
  ],
})
