import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber } from '../json.ts'
import { checkOptimizer } from '../optimizerCase.ts'
import { Unsupported } from '../unsupported.ts'

/** torch.optim.SGD. */
export default defineKind({
  id: 'sgd',
  isFor: (file) => isAbout(file, /^sgd\b/i),
  async check(golden, context) {
    const { params } = golden
    const optional = (name: string): number => asNumber(params.takeIfThere(name) ?? 0, `params.${name}`)
    if (params.takeIfThere('maximize') === true)
      throw new Unsupported('params.maximize: the engine only descends')
    await checkOptimizer(golden, context, {
      id: 'sgd',
      params: {
        learningRate: golden.param('lr'),
        momentum: optional('momentum'),
        dampening: optional('dampening'),
        isNesterov: params.takeIfThere('nesterov') === true,
        weightDecay: optional('weight_decay'),
        decayOn: 'everything',
      },
    })
  },
})
