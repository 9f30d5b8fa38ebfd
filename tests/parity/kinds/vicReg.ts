import type * as tf from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/vicReg.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { differentiate } from '../gradientCase.ts'
import { asNumber, asRecord } from '../json.ts'
import { Ledger } from '../ledger.ts'
import { checkLoss } from '../lossCase.ts'
import { pairsOf } from '../pairCase.ts'

const terms = ['invariance', 'variance', 'covariance'] as const

export default defineKind({
  id: 'vicreg',
  isFor: (file) => isAbout(file, /^VICReg/i),
  async check(golden, context) {
    const params = {
      invarianceWeight: golden.param('lambda'),
      varianceWeight: golden.param('mu'),
      covarianceWeight: golden.param('nu'),
      epsilon: golden.param('eps'),
      scaling: 'code',
    }
    const names = ['z_a', 'z_b'] as const
    await checkLoss(golden, context, (inputs) => loss.compute(params, pairsOf(inputs, names)))
    if (!golden.expected.has('terms')) return
    const wanted = new Ledger(asRecord(golden.expected.take('terms'), 'expected.terms'), 'expected.terms')
    for (const term of terms) {
      const [value] = await differentiate(
        golden,
        (inputs): tf.Tensor => loss.compute(params, pairsOf(inputs, names)).parts[term]!,
        { grads: `grads_${term}` },
      )
      const tolerance = { abs: golden.tolerance('loss_abs'), rel: 0 }
      golden.comparison.number(term, value!, asNumber(wanted.take(term), `terms.${term}`), tolerance)
    }
    wanted.refuseUntouched()
  },
})
