import { add, tensor1d } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { movingAverage, movingAverageTwin } from './movingAverage.ts'

export default defineSelfTest({
  id: 'movingAverage',
  cases: ({ rows }) => [
    {
      name: 'average + (1 - decay) · (value - average)',
      compute(backend) {
        const [average, value] = [normalTensor('average', [4 * rows]), normalTensor('value', [4 * rows])]
        const options = { decay: 0.9, clip: tensor1d([1, 1]) }
        if (backend === null) return [movingAverageTwin(average, value, options)]
        // Of its own, since it is changed in place.
        const target = add(average, 0)
        movingAverage(backend, backend.rangeOf(target), backend.rangeOf(value), options)
        return [target]
      },
    },
  ],
})
