import { defineKind, isAbout } from '../defineKind.ts'
import { asNumbers } from '../json.ts'
import { checkMatrixReplay } from '../optimizerCase.ts'
import { refuseOtherNewtonSchulz } from '../newtonSchulz.ts'

/** torch.optim.Muon in float32. A matrix of torch is [out, in], ours [in, out]. */
export default defineKind({
  id: 'muon',
  isFor: (file) => isAbout(file, /^muon\b/i),
  async check(golden, context) {
    const { params } = golden
    golden.choice('adjust_lr', ['sqrt(max(1, rows/cols))'])
    refuseOtherNewtonSchulz(
      asNumbers(params.take('ns_coefficients'), 'params.ns_coefficients'),
      golden.param('eps'),
    )
    await checkMatrixReplay(golden, context, {
      id: 'muon',
      params: {
        learningRate: golden.param('lr'),
        momentum: golden.param('momentum'),
        isNesterov: golden.choice('nesterov', [true, false]),
        weightDecay: golden.param('weight_decay'),
        decayOn: 'everything',
        newtonSchulzSteps: golden.param('ns_steps'),
      },
    })
  },
})
