import type { Fields, InferFields } from '../../core/schema.ts'
import { add, div, mul, sqrt, square, sub, tidy, type Scalar, type Tensor } from '../backend/tfjs.ts'
import { decayOf, decayOnField } from './decay.ts'
import { defineOptimizer, type UpdateEntry, type UpdateMoment } from './defineOptimizer.ts'
import { epsilonField, learningRateField, weightDecayField } from './fields.ts'

const fields = {
  learningRate: {
    ...learningRateField,
    help: 'Size of the first step; later ones are shorter by themselves.',
    default: 0.01,
  },
  epsilon: { ...epsilonField, default: 1e-10 },
  rateDecay: {
    type: 'number',
    label: 'Falling rate',
    help: 'The learning rate is divided by 1 + this × the number of updates before.',
    default: 0,
    min: 0,
    max: 1e6,
    isAdvanced: true,
  },
  initialSum: {
    type: 'number',
    label: 'Sum at first',
    help: 'What the sum of squares begins with: higher makes first steps shorter.',
    default: 0,
    min: 0,
    max: 1e6,
    isAdvanced: true,
  },
  weightDecay: weightDecayField,
  decayOn: decayOnField,
} as const satisfies Fields
type Adagrad = InferFields<typeof fields>

function rateAt({ rateDecay }: Adagrad, { learningRate, step }: UpdateMoment): number {
  return learningRate / (1 + (step - 1) * rateDecay)
}

function update(
  params: Adagrad,
  { kind, parameter, gradient, slots }: UpdateEntry,
  moment: UpdateMoment & { readonly clipFactor: Scalar },
): void {
  const sum = slots['sum']!
  tidy(() => {
    const g: Tensor = add(mul(gradient, moment.clipFactor), mul(parameter, decayOf(params, kind)))
    sum.assign(add(sum, square(g)))
    const size = add(sqrt(add(sum, params.initialSum)), params.epsilon)
    parameter.assign(sub(parameter, mul(div(g, size), rateAt(params, moment))))
  })
}

/** Gradients divided by the root of the sum of all their squares (Duchi et al. 2011), as torch.optim.Adagrad. */
export default defineOptimizer({
  id: 'adagrad',
  title: 'Adagrad',
  summary: 'Shorter steps for weights that have moved much: suits rare features, slows down for ever.',
  link: 'https://jmlr.org/papers/v12/duchi11a.html',
  fields,
  slots: () => ['sum'],
  flat: {
    update,
    rule: () => ({
      key: 'adagrad',
      slots: ['sum'],
      numbers: ['epsilon', 'initial', 'pull', 'learning_rate'],
      body: `let total = g + p * pull;
  sum = sum + total * total;
  p = p - total / (sqrt(sum + initial) + epsilon) * learning_rate;`,
    }),
    numbers: (params, moment, kind) => [
      params.epsilon,
      params.initialSum,
      decayOf(params, kind),
      rateAt(params, moment),
    ],
  },
})
