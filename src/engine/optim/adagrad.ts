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
  weightDecay: weightDecayField,
  decayOn: decayOnField,
} as const satisfies Fields
type Adagrad = InferFields<typeof fields>

function update(
  params: Adagrad,
  { kind, parameter, gradient, slots }: UpdateEntry,
  { learningRate, clipFactor }: UpdateMoment & { readonly clipFactor: Scalar },
): void {
  const sum = slots['sum']!
  tidy(() => {
    const g: Tensor = add(mul(gradient, clipFactor), mul(parameter, decayOf(params, kind)))
    sum.assign(add(sum, square(g)))
    parameter.assign(sub(parameter, mul(div(g, add(sqrt(sum), params.epsilon)), learningRate)))
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
      numbers: ['epsilon', 'pull', 'learning_rate'],
      body: `let total = g + p * pull;
  sum = sum + total * total;
  p = p - total / (sqrt(sum) + epsilon) * learning_rate;`,
    }),
    numbers: (params, { learningRate }, kind) => [params.epsilon, decayOf(params, kind), learningRate],
  },
})
