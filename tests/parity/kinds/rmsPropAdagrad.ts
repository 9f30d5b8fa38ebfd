import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber } from '../json.ts'
import { checkOptimizer } from '../optimizerCase.ts'

/** torch.optim.RMSprop and Adagrad. */
export default defineKind({
  id: 'rmsprop_adagrad',
  isFor: (file) => isAbout(file, /^(rmsprop|adagrad)(_|\b)/i),
  async check(golden, context) {
    const { params } = golden
    const kind = golden.choice('kind', ['rmsprop', 'adagrad'])
    const optional = (name: string, otherwise = 0): number =>
      asNumber(params.takeIfThere(name) ?? otherwise, `params.${name}`)
    const common = {
      learningRate: golden.param('lr'),
      epsilon: golden.param('eps'),
      weightDecay: optional('weight_decay'),
      decayOn: 'everything',
    }
    const own: Readonly<Record<string, number | boolean>> =
      kind === 'adagrad'
        ? { rateDecay: optional('lr_decay'), initialSum: optional('initial_accumulator_value') }
        : {
            smoothing: optional('alpha', 0.99),
            momentum: optional('momentum'),
            isCentered: golden.flag('centered', false),
          }
    await checkOptimizer(golden, context, { id: kind, params: { ...common, ...own } })
  },
})
