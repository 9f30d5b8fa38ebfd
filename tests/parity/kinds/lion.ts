import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber, asNumbers } from '../json.ts'
import { checkOptimizer } from '../optimizerCase.ts'

/** Lion as in the paper's pseudocode, which decays every parameter. */
export default defineKind({
  id: 'lion',
  isFor: (file) => isAbout(file, /^lion\b/i),
  async check(golden, context) {
    const { params } = golden
    const [beta1, beta2] = asNumbers(params.take('betas'), 'params.betas') as [number, number]
    await checkOptimizer(golden, context, {
      id: 'lion',
      params: {
        learningRate: golden.param('lr'),
        beta1,
        beta2,
        weightDecay: asNumber(params.takeIfThere('weight_decay') ?? 0, 'params.weight_decay'),
        decayOn: 'everything',
      },
    })
  },
})
