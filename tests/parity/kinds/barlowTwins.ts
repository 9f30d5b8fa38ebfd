import loss from '../../../src/engine/losses/barlowTwins.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { pairsOf } from '../pairCase.ts'

export default defineKind({
  id: 'barlow-twins',
  isFor: (file) => isAbout(file, /^Barlow Twins/i),
  check(golden, context) {
    const params = { redundancyWeight: golden.param('lambda'), epsilon: golden.param('batchnorm_eps') }
    return checkLoss(golden, context, (inputs) => loss.compute(params, pairsOf(inputs, ['z_a', 'z_b'])))
  },
})
