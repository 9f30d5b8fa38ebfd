import type { Fields, InferFields } from '../../core/schema.ts'
import { add, mul, sub, tidy, type Scalar, type Tensor } from '../backend/tfjs.ts'
import type { FlatUpdateRule } from '../kernels/flatUpdate/flatUpdate.ts'
import { decayOf, decayOnField } from './decay.ts'
import { defineOptimizer, type UpdateEntry, type UpdateMoment } from './defineOptimizer.ts'
import { learningRateField, momentumField, weightDecayField } from './fields.ts'

const fields = {
  learningRate: {
    ...learningRateField,
    help: 'Size of a step, as a multiple of the gradient; much larger than for AdamW.',
    default: 0.1,
  },
  momentum: {
    ...momentumField,
    help: 'Share of the last step that goes on: smooths noise, and speeds up along valleys.',
    default: 0.9,
  },
  dampening: {
    type: 'number',
    label: 'Dampening',
    help: 'Takes this share off each new gradient before it joins the momentum.',
    default: 0,
    min: 0,
    max: 1,
    step: 0.05,
    isAdvanced: true,
  },
  isNesterov: {
    type: 'bool',
    label: 'Nesterov',
    help: 'Looks one step ahead along the momentum.',
    default: false,
    isAdvanced: true,
    link: 'https://proceedings.mlr.press/v28/sutskever13.html',
  },
  weightDecay: weightDecayField,
  decayOn: decayOnField,
} as const satisfies Fields
type Sgd = InferFields<typeof fields>

function slots({ momentum }: Sgd): string[] {
  return momentum > 0 ? ['velocity'] : []
}

/** Of the gradient that joins the momentum: all of the first one. */
function share({ dampening }: Sgd, step: number): number {
  return step === 1 ? 1 : 1 - dampening
}

function update(
  params: Sgd,
  { kind, parameter, gradient, slots: own }: UpdateEntry,
  { learningRate, step, clipFactor }: UpdateMoment & { readonly clipFactor: Scalar },
): void {
  const { momentum, isNesterov } = params
  const { velocity } = own
  tidy(() => {
    const g: Tensor = add(mul(gradient, clipFactor), mul(parameter, decayOf(params, kind)))
    velocity?.assign(add(mul(velocity, momentum), mul(g, share(params, step))))
    const ahead = (): Tensor => add(g, mul(velocity!, momentum))
    const direction = velocity === undefined ? g : isNesterov ? ahead() : velocity
    parameter.assign(sub(parameter, mul(direction, learningRate)))
  })
}

function rule(params: Sgd): FlatUpdateRule {
  const hasMomentum = params.momentum > 0
  const direction = hasMomentum ? (params.isNesterov ? 'total + velocity * momentum' : 'velocity') : 'total'
  return {
    key: `sgd ${hasMomentum} ${params.isNesterov}`,
    slots: slots(params),
    numbers: ['momentum', 'share', 'pull', 'learning_rate'],
    body: `let total = g + p * pull;
  ${hasMomentum ? 'velocity = velocity * momentum + total * share;' : ''}
  p = p - (${direction}) * learning_rate;`,
  }
}

/**
 * Stochastic gradient descent with momentum (Polyak 1964; Nesterov's form as in Sutskever et al. 2013), as
 * torch.optim.SGD.
 */
export default defineOptimizer({
  id: 'sgd',
  title: 'SGD',
  summary:
    'Steps along the gradient, with momentum: simple, sparing with memory, in need of a good learning rate.',
  link: 'https://proceedings.mlr.press/v28/sutskever13.html',
  fields,
  slots,
  flat: {
    update,
    rule,
    numbers: (params, { learningRate, step }, kind) => [
      params.momentum,
      share(params, step),
      decayOf(params, kind),
      learningRate,
    ],
  },
})
