import { add } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { clipByValue, clipByValueTwin } from './clipByValue.ts'

export default defineSelfTest({
  id: 'clipByValue',
  cases: ({ rows }) => [
    {
      name: 'within a limit',
      compute(backend) {
        const x = normalTensor('x', [4 * rows])
        if (backend === null) return [clipByValueTwin(x, 0.5)]
        // Of its own, since it is changed in place.
        const target = add(x, 0)
        clipByValue(backend, backend.rangeOf(target), 0.5)
        return [target]
      },
    },
  ],
})
