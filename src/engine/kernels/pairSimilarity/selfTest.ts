import type { Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { pairSimilarity } from './pairSimilarity.ts'

export default defineSelfTest({
  id: 'pairSimilarity',
  cases: ({ rows, width }) => [
    {
      name: 'partners and others',
      compute() {
        const [a, b] = ['a', 'b'].map((name) => normalTensor(name, [rows, width]) as Tensor2D)
        const { positive, negative } = pairSimilarity(a!, b!)
        return [positive, negative]
      },
    },
  ],
})
