import type { Fields, InferFields } from '../../core/schema.ts'
import { add, div, mul, sqrt, square, sub, tidy, type Scalar, type Tensor } from '../backend/tfjs.ts'
import type { FlatUpdateRule } from '../kernels/flatUpdate/flatUpdate.ts'
import { decayOf, decayOnField } from './decay.ts'
import { defineOptimizer, type UpdateEntry, type UpdateMoment } from './defineOptimizer.ts'
import { epsilonField, learningRateField, momentumField, weightDecayField } from './fields.ts'

const fields = {
  learningRate: { ...learningRateField, help: 'Size of a step; about that of AdamW.', default: 1e-3 },
  smoothing: {
    type: 'number',
    label: 'Smoothing',
    help: 'Memory of the running mean of squared gradients.',
    default: 0.99,
    min: 0,
    max: 0.999999,
    isAdvanced: true,
  },
  momentum: momentumField,
  epsilon: epsilonField,
  weightDecay: weightDecayField,
  decayOn: decayOnField,
} as const satisfies Fields
type RmsProp = InferFields<typeof fields>

function slots({ momentum }: RmsProp): string[] {
  return momentum > 0 ? ['v', 'velocity'] : ['v']
}

function update(
  params: RmsProp,
  { kind, parameter, gradient, slots: own }: UpdateEntry,
  { learningRate, clipFactor }: UpdateMoment & { readonly clipFactor: Scalar },
): void {
  const { smoothing, momentum, epsilon } = params
  const v = own['v']!
  const velocity = own['velocity']
  tidy(() => {
    const g: Tensor = add(mul(gradient, clipFactor), mul(parameter, decayOf(params, kind)))
    v.assign(add(mul(v, smoothing), mul(square(g), 1 - smoothing)))
    const direction: Tensor = div(g, add(sqrt(v), epsilon))
    velocity?.assign(add(mul(velocity, momentum), direction))
    parameter.assign(sub(parameter, mul(velocity ?? direction, learningRate)))
  })
}

function rule(params: RmsProp): FlatUpdateRule {
  const hasMomentum = params.momentum > 0
  return {
    key: `rmsprop ${hasMomentum}`,
    slots: slots(params),
    numbers: ['smoothing', 'share', 'momentum', 'epsilon', 'pull', 'learning_rate'],
    body: `let total = g + p * pull;
  v = v * smoothing + total * total * share;
  let direction = total / (sqrt(v) + epsilon);
  ${hasMomentum ? 'velocity = velocity * momentum + direction;' : ''}
  p = p - ${hasMomentum ? 'velocity' : 'direction'} * learning_rate;`,
  }
}

/** Gradients divided by the root of the running mean of their squares (Hinton 2012), as torch.optim.RMSprop. */
export default defineOptimizer({
  id: 'rmsprop',
  title: 'RMSprop',
  summary: 'Steps of a size of their own for every weight, without the running mean of gradients.',
  link: 'https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf',
  fields,
  slots,
  flat: {
    update,
    rule,
    numbers: (params, { learningRate }, kind) => [
      params.smoothing,
      1 - params.smoothing,
      params.momentum,
      params.epsilon,
      decayOf(params, kind),
      learningRate,
    ],
  },
})
