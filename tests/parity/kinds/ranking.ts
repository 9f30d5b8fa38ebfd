import type { Tensor1D } from '../../../src/engine/backend/tfjs.ts'
import * as tf from '../../../src/engine/backend/tfjs.ts'
import cosineEmbedding from '../../../src/engine/losses/cosineEmbedding.ts'
import marginRanking from '../../../src/engine/losses/marginRanking.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'ranking',
  isFor: (file) => isAbout(file, /^margin ranking and cosine embedding/i),
  check(golden, context) {
    const params = { margin: golden.param('margin') }
    const kind = golden.choice('kind', ['margin_ranking', 'cosine_embedding'])
    return checkLoss(golden, context, (inputs) => {
      const order = inputs.get('y') as Tensor1D
      if (kind === 'margin_ranking') {
        const [first, second] = [inputs.get('x1') as Tensor1D, inputs.get('x2') as Tensor1D]
        return marginRanking.compute(params, { ranked: { first, second, order } })
      }
      const areSame: Tensor1D = tf.relu(order) // theirs are 1 and -1
      const judgedPairs = { a: matrix(inputs, 'x1'), b: matrix(inputs, 'x2'), areSame }
      return cosineEmbedding.compute(params, { judgedPairs })
    })
  },
})
