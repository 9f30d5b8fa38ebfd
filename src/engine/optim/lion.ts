import type { Fields, InferFields } from '../../core/schema.ts'
import { add, mul, sign, sub, tidy, type Scalar, type Tensor } from '../backend/tfjs.ts'
import { decayOf, decayOnField } from './decay.ts'
import { defineOptimizer, type UpdateEntry, type UpdateMoment } from './defineOptimizer.ts'
import { beta1Field, beta2Field, learningRateField, weightDecayField } from './fields.ts'

const fields = {
  learningRate: {
    ...learningRateField,
    help: 'Size of a step, the same for every weight; three to ten times smaller than for AdamW.',
    default: 1e-4,
  },
  beta1: { ...beta1Field, help: 'Share of the memory in the direction of a step.' },
  beta2: { ...beta2Field, help: 'Memory of the running mean of gradients.', default: 0.99 },
  weightDecay: {
    ...weightDecayField,
    help: 'Pull of weights towards zero; three to ten times larger than for AdamW.',
    default: 1,
    max: 100,
    step: 0.1,
  },
  decayOn: decayOnField,
} as const satisfies Fields
type Lion = InferFields<typeof fields>

function update(
  params: Lion,
  { kind, parameter, gradient, slots }: UpdateEntry,
  { learningRate, clipFactor }: UpdateMoment & { readonly clipFactor: Scalar },
): void {
  const { beta1, beta2 } = params
  const m = slots['m']!
  tidy(() => {
    const g: Tensor = mul(gradient, clipFactor)
    const direction = sign(add(mul(m, beta1), mul(g, 1 - beta1)))
    const kept = mul(parameter, 1 - learningRate * decayOf(params, kind))
    parameter.assign(sub(kept, mul(direction, learningRate)))
    m.assign(add(mul(m, beta2), mul(g, 1 - beta2)))
  })
}

/** Evolved sign momentum (Chen et al. 2023, "Symbolic discovery of optimization algorithms"). */
export default defineOptimizer({
  id: 'lion',
  title: 'Lion',
  summary: 'Steps of equal size along the sign of the momentum: half the memory of AdamW.',
  link: 'https://arxiv.org/abs/2302.06675',
  fields,
  slots: () => ['m'],
  flat: {
    update,
    rule: () => ({
      key: 'lion',
      slots: ['m'],
      numbers: ['beta1', 'one_minus_beta1', 'beta2', 'one_minus_beta2', 'kept', 'learning_rate'],
      body: `p = p * kept - sign(m * beta1 + g * one_minus_beta1) * learning_rate;
    m = m * beta2 + g * one_minus_beta2;`,
    }),
    numbers: (params, { learningRate }, kind) => [
      params.beta1,
      1 - params.beta1,
      params.beta2,
      1 - params.beta2,
      1 - learningRate * decayOf(params, kind),
      learningRate,
    ],
  },
})
