import loss from '../../../src/engine/losses/sigLip.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { pairsOf, scalarsOf } from '../pairCase.ts'

export default defineKind({
  id: 'siglip',
  isFor: (file) => isAbout(file, /^siglip/i),
  check(golden, context) {
    const isNormalized = golden.flag('normalize', true)
    return checkLoss(golden, context, (inputs) => {
      const memory = scalarsOf(inputs, { logScale: 'log_logit_scale', bias: 'logit_bias' })
      const pairs = pairsOf(inputs, ['image_features', 'text_features'])
      return loss.compute({ scale: 1, bias: 0, isNormalized }, pairs, memory)
    })
  },
})
