import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber } from '../json.ts'
import { checkOptimizer } from '../optimizerCase.ts'

/** torch.optim.SGD. */
export default defineKind({
  id: 'sgd',
  isFor: (file) => isAbout(file, /^sgd\b/i),
  async check(golden, context) {
    const { params } = golden
    const optional = (name: string): number => asNumber(params.takeIfThere(name) ?? 0, `params.${name}`)
    await checkOptimizer(golden, context, {
      id: 'sgd',
      params: {
        learningRate: golden.param('lr'),
        momentum: optional('momentum'),
        dampening: optional('dampening'),
        isNesterov: golden.flag('nesterov', false),
        weightDecay: optional('weight_decay'),
        decayOn: 'everything',
      },
    })
  },
})
