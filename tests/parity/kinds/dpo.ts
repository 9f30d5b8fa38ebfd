import * as tf from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/dpo.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'

export default defineKind({
  id: 'dpo',
  isFor: (file) => isAbout(file, /^direct preference optimisation/i),
  check(golden, context) {
    const beta = golden.param('beta')
    const isReferenceFree = golden.choice('reference_free', [true, false])
    const params = {
      beta,
      isReferenceFree,
      variant: golden.choice('loss_type', ['sigmoid', 'hinge', 'ipo']),
      labelSmoothing: golden.param('label_smoothing'),
    }
    return checkLoss(golden, context, (inputs) => {
      const logProbabilities = (name: string) => inputs.get(name) as tf.Tensor1D
      const preferences = {
        policyChosen: logProbabilities('policy_chosen_logps'),
        policyRejected: logProbabilities('policy_rejected_logps'),
        referenceChosen: logProbabilities('reference_chosen_logps'),
        referenceRejected: logProbabilities('reference_rejected_logps'),
      }
      const { loss: value, parts } = loss.compute(params, { preferences })
      const rows = tf.stack(
        tf.unstack(preferences.policyChosen).map((_, i) => {
          const one = (x: tf.Tensor1D) => tf.slice(x, i, 1)
          const of = Object.fromEntries(Object.entries(preferences).map(([name, x]) => [name, one(x)]))
          return loss.compute(params, { preferences: of as typeof preferences }).loss
        }),
      )
      const reward = (own: tf.Tensor, other: tf.Tensor) => tf.mul(tf.sub(own, other), beta)
      return {
        loss: value,
        others: {
          per_pair: rows,
          chosen_rewards: reward(preferences.policyChosen, preferences.referenceChosen),
          rejected_rewards: reward(preferences.policyRejected, preferences.referenceRejected),
          reward_accuracy: parts['rewardAccuracy']!,
          reward_margin: parts['rewardMargin']!,
        },
      }
    })
  },
})
