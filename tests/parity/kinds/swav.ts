import loss from '../../../src/engine/losses/swav.ts'
import { sinkhorn } from '../../../src/engine/losses/parts/sinkhorn.ts'
import * as tf from '../../../src/engine/backend/tfjs.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { CaseInputs } from '../gradientCase.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'swav',
  isFor: (file) => isAbout(file, /^SwaV swapped assignment/i),
  check(golden, context) {
    const [iterations, epsilon] = [golden.param('sinkhorn_iterations'), golden.param('sinkhorn_epsilon')]
    const params = {
      temperature: golden.param('temperature'),
      sinkhornIterations: iterations,
      sinkhornEpsilon: epsilon,
    }
    return checkLoss(golden, context, (inputs) => {
      const [high, low, queued] = ['high', 'low', 'queue'].map((name) => listOf(inputs, name)) as [
        tf.Tensor2D[],
        tf.Tensor2D[],
        tf.Tensor2D[],
      ]
      const codes = high.map((scores, i) => {
        const all = queued[i] === undefined ? scores : tf.concat([scores, queued[i]], 0)
        return tf.slice(sinkhorn(all, { iterations, epsilon }), [0, 0], scores.shape)
      })
      return {
        ...loss.compute(params, { prototypeScores: { high, low, queued } }),
        others: Object.fromEntries(codes.map((code, i) => [`codes[${i}]`, code])),
      }
    })
  },
})

function listOf(inputs: CaseInputs, name: string): tf.Tensor2D[] {
  const found: tf.Tensor2D[] = []
  while (inputs.has(`${name}[${found.length}]`)) found.push(matrix(inputs, `${name}[${found.length}]`))
  return found
}
