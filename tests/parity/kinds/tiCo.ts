import * as tf from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/tiCo.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { pairsOf } from '../pairCase.ts'

export default defineKind({
  id: 'tico',
  isFor: (file) => isAbout(file, /^TiCo/i),
  check(golden, context) {
    const params = { beta: golden.param('beta'), rho: golden.param('rho') }
    const steps = golden.param('steps')
    return checkLoss(golden, context, (inputs) => {
      let covariance: tf.Tensor | null = null
      const losses: tf.Scalar[] = []
      for (let step = 0; step < steps; step++) {
        const pairs = pairsOf(inputs, [`z_a[${step}]`, `z_b[${step}]`])
        const width = pairs.pairs.a.shape[1]
        covariance ??= tf.zeros([width, width])
        const result = loss.compute(params, pairs, { scalars: {}, state: { covariance } })
        covariance = result.state!['covariance']!
        losses.push(result.loss)
      }
      return {
        loss: tf.addN(losses),
        others: { losses_per_step: tf.stack(losses), covariance_after: covariance! },
      }
    })
  },
})
