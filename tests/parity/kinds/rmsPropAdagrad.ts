import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber } from '../json.ts'
import { checkOptimizer } from '../optimizerCase.ts'
import { Unsupported } from '../unsupported.ts'

/** torch.optim.RMSprop and Adagrad. */
export default defineKind({
  id: 'rmsprop_adagrad',
  isFor: (file) => isAbout(file, /^(rmsprop|adagrad)(_|\b)/i),
  async check(golden, context) {
    const { params } = golden
    const kind = golden.choice('kind', ['rmsprop', 'adagrad'])
    const optional = (name: string): number => asNumber(params.takeIfThere(name) ?? 0, `params.${name}`)
    for (const name of ['centered', 'maximize']) {
      if (params.takeIfThere(name) === true) throw new Unsupported(`params.${name}: the engine has none`)
    }
    for (const name of ['lr_decay', 'initial_accumulator_value']) {
      if (optional(name) !== 0) throw new Unsupported(`params.${name}: the engine has 0`)
    }
    const common = {
      learningRate: golden.param('lr'),
      epsilon: golden.param('eps'),
      weightDecay: optional('weight_decay'),
      decayOn: 'everything',
    }
    await checkOptimizer(golden, context, {
      id: kind,
      params:
        kind === 'adagrad'
          ? common
          : { ...common, smoothing: golden.param('alpha'), momentum: optional('momentum') },
    })
  },
})
