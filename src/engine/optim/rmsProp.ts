import type { Fields, InferFields } from '../../core/schema.ts'
import { add, div, maximum, mul, sqrt, square, sub, tidy, type Scalar, type Tensor } from '../backend/tfjs.ts'
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
  isCentered: {
    type: 'bool',
    label: 'Centred',
    help: 'Divides by the deviation of gradients instead of their size: the square of their running mean is taken off.',
    default: false,
    isAdvanced: true,
    link: 'https://arxiv.org/abs/1308.0850',
  },
  epsilon: epsilonField,
  weightDecay: weightDecayField,
  decayOn: decayOnField,
} as const satisfies Fields
type RmsProp = InferFields<typeof fields>

function slots({ momentum, isCentered }: RmsProp): string[] {
  return ['v', ...(isCentered ? ['m'] : []), ...(momentum > 0 ? ['velocity'] : [])]
}

function update(
  params: RmsProp,
  { kind, parameter, gradient, slots: own }: UpdateEntry,
  { learningRate, clipFactor }: UpdateMoment & { readonly clipFactor: Scalar },
): void {
  const { smoothing, momentum, epsilon } = params
  const v = own['v']!
  const { m, velocity } = own
  tidy(() => {
    const g: Tensor = add(mul(gradient, clipFactor), mul(parameter, decayOf(params, kind)))
    v.assign(add(mul(v, smoothing), mul(square(g), 1 - smoothing)))
    m?.assign(add(mul(m, smoothing), mul(g, 1 - smoothing)))
    const spread = m === undefined ? v : maximum(sub(v, square(m)), 0)
    const direction: Tensor = div(g, add(sqrt(spread), epsilon))
    velocity?.assign(add(mul(velocity, momentum), direction))
    parameter.assign(sub(parameter, mul(velocity ?? direction, learningRate)))
  })
}

function rule(params: RmsProp): FlatUpdateRule {
  const hasMomentum = params.momentum > 0
  const { isCentered } = params
  return {
    key: `rmsprop ${hasMomentum} ${isCentered}`,
    slots: slots(params),
    numbers: ['smoothing', 'share', 'momentum', 'epsilon', 'pull', 'learning_rate'],
    body: `let total = g + p * pull;
  v = v * smoothing + total * total * share;
  ${isCentered ? 'm = m * smoothing + total * share;' : ''}
  let spread = ${isCentered ? 'max(v - m * m, vec4<f32>(0.0))' : 'v'};
  let direction = total / (sqrt(spread) + epsilon);
  ${hasMomentum ? 'velocity = velocity * momentum + direction;' : ''}
  p = p - ${hasMomentum ? 'velocity' : 'direction'} * learning_rate;`,
  }
}

/** Gradients divided by the root of the running mean of their squares (Hinton 2012), or of their variance (Graves 2013), as torch.optim.RMSprop. */
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
