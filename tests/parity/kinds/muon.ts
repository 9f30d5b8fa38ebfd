import { defineKind, isAbout } from '../defineKind.ts'
import { namesOf } from '../goldenCase.ts'
import { polynomialOf } from '../newtonSchulz.ts'
import { checkMatrixReplay } from '../optimizerCase.ts'

/** torch's names and formulas, for matrices [rows, cols]. */
const stepLengths = {
  'sqrt(max(1, rows/cols))': 'outputs',
  original: 'outputs',
  '0.2*sqrt(max(rows, cols))': 'adamw',
  match_rms_adamw: 'adamw',
} as const

/** torch.optim.Muon in float32. A matrix of torch is [out, in], ours [in, out]. */
export default defineKind({
  id: 'muon',
  isFor: (file) => isAbout(file, /^muon\b/i),
  async check(golden, context) {
    const stated = golden.params.has('adjust_lr')
      ? golden.choice('adjust_lr', namesOf(stepLengths))
      : 'original'
    const { coefficients, leastNorm } = polynomialOf(golden)
    const [newtonSchulzLinear, newtonSchulzCubic, newtonSchulzQuintic] = coefficients
    await checkMatrixReplay(golden, context, {
      id: 'muon',
      params: {
        learningRate: golden.param('lr'),
        momentum: golden.param('momentum'),
        isNesterov: golden.flag('nesterov', true),
        weightDecay: golden.param('weight_decay'),
        decayOn: 'everything',
        newtonSchulzSteps: golden.params.has('ns_steps') ? golden.param('ns_steps') : 5,
        newtonSchulzLinear,
        newtonSchulzCubic,
        newtonSchulzQuintic,
        newtonSchulzEpsilon: leastNorm,
        stepLength: stepLengths[stated],
      },
    })
  },
})
