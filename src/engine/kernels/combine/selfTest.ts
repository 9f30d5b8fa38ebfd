import { tensor1d } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { combine } from './combine.ts'

export default defineSelfTest({
  id: 'combine',
  cases: ({ rows, width }) => [
    {
      name: 'a · x + b · y',
      compute: () => {
        const [x, y] = [normalTensor('x', [rows, width]), normalTensor('y', [rows, width])]
        const factor = tensor1d([0.25]).asScalar()
        return [combine([x, 0.9], [y, -0.1]), combine([x, factor], [y, 2]), combine([x, factor], [y, factor])]
      },
    },
  ],
})
