import * as tf from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/moco.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { CaseInputs } from '../gradientCase.ts'
import { checkLoss, type LossOutcome } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'moco',
  isFor: (file) => isAbout(file, /^moco-style infonce/i),
  check(golden, context) {
    const [temperature, steps] = [golden.param('temperature'), golden.param('steps')]
    return checkLoss(golden, context, (inputs) => stepsOf(inputs, steps, temperature))
  },
})

/** Each step with the queue as the steps before left it; the reference cuts off a batch that does not fit. */
function stepsOf(inputs: CaseInputs, steps: number, temperature: number): LossOutcome {
  const queue = matrix(inputs, 'queue')
  const queueSize = queue.shape[0]
  const queueEnd = 'truncate'
  const params = { temperature, isTemperatureLearned: false, queueSize, hasBatchNegatives: false, queueEnd }
  let state: Readonly<Record<string, tf.Tensor>> = {
    queue,
    places: tf.fill([queueSize], 2 ** 30, 'int32'),
    pointer: tf.zeros([1], 'int32'),
  }
  const losses: tf.Scalar[] = []
  const pointers: tf.Tensor[] = []
  for (let step = 0; step < steps; step++) {
    const [query, key] = [matrix(inputs, `query[${step}]`), matrix(inputs, `key[${step}]`)]
    const result = loss.compute(params, { momentumPairs: { query, key, ids: null } }, { scalars: {}, state })
    state = result.state!
    losses.push(result.loss)
    pointers.push(state['pointer']!)
  }
  return {
    loss: tf.addN(losses),
    others: {
      losses_per_step: tf.stack(losses),
      queue_pointer_after_step: tf.concat(pointers),
      queue_after_last_step: state['queue']!,
    },
  }
}
