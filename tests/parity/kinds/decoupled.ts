import loss from '../../../src/engine/losses/decoupled.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber } from '../json.ts'
import { checkLoss } from '../lossCase.ts'
import { pairsOf } from '../pairCase.ts'

export default defineKind({
  id: 'decoupled-contrastive',
  isFor: (file) => isAbout(file, /decoupled contrastive/i),
  check(golden, context) {
    const sigma = golden.params.takeIfThere('sigma')
    const params = {
      temperature: golden.param('temperature'),
      isTemperatureLearned: false,
      isWeighted: sigma !== undefined,
      sigma: sigma === undefined ? 1 : asNumber(sigma, 'params.sigma'),
    }
    return checkLoss(golden, context, (inputs) => loss.compute(params, pairsOf(inputs, ['out0', 'out1'])))
  },
})
