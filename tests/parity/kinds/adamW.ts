import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber, asNumbers } from '../json.ts'
import { checkOptimizer } from '../optimizerCase.ts'

/** torch's. */
const usualDecay = { adamw: 0.01, adam: 0 } as const

/** torch.optim.AdamW and Adam. A bare torch optimizer decays every parameter. */
export default defineKind({
  id: 'adamw',
  isFor: (file) => isAbout(file, /^adam(w)?\b/i),
  async check(golden, context) {
    const { params } = golden
    const kind = golden.choice('kind', ['adamw', 'adam'])
    const [beta1, beta2] = asNumbers(params.take('betas'), 'params.betas') as [number, number]
    const isAmsgrad = golden.flag('amsgrad', false)
    await checkOptimizer(golden, context, {
      id: 'adamw',
      params: {
        learningRate: golden.param('lr'),
        beta1,
        beta2,
        epsilon: golden.param('eps'),
        weightDecay: asNumber(params.takeIfThere('weight_decay') ?? usualDecay[kind], 'params.weight_decay'),
        decayOn: 'everything',
        decayKind: kind === 'adamw' ? 'decoupled' : 'l2',
        isAmsgrad,
      },
    })
  },
})
