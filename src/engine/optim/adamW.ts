import type { Fields, InferFields } from '../../core/schema.ts'
import { add, div, maximum, mul, sqrt, square, sub, tidy, type Scalar, type Tensor } from '../backend/tfjs.ts'
import type { FlatUpdateRule } from '../kernels/flatUpdate/flatUpdate.ts'
import { decayOf, decayOnField } from './decay.ts'
import { defineOptimizer, type UpdateEntry, type UpdateMoment } from './defineOptimizer.ts'
import { beta1Field, beta2Field, epsilonField, learningRateField, weightDecayField } from './fields.ts'

const fields = {
  learningRate: {
    ...learningRateField,
    help: 'Size of a step. Too small learns slowly, too large diverges; the schedule scales it over the stage.',
    default: 1e-3,
  },
  beta1: beta1Field,
  beta2: beta2Field,
  epsilon: epsilonField,
  weightDecay: {
    ...weightDecayField,
    help: 'Pull of weights towards zero, against learning by heart.',
    default: 0.1,
  },
  decayOn: decayOnField,
  decayKind: {
    type: 'choice',
    label: 'Kind of decay',
    help: 'Whether the pull goes through the running means.',
    default: 'decoupled',
    isAdvanced: true,
    options: [
      { value: 'decoupled', label: 'Decoupled (AdamW)', help: 'Straight on the weights.' },
      { value: 'l2', label: 'L2 (Adam)', help: 'Added to the gradients.' },
    ],
  },
  isAmsgrad: {
    type: 'bool',
    label: 'AMSGrad',
    help: 'Divides by the largest running mean of squares so far, so that steps never grow.',
    default: false,
    isAdvanced: true,
    link: 'https://arxiv.org/abs/1904.09237',
  },
} as const satisfies Fields
type AdamW = InferFields<typeof fields>

type ClippedMoment = UpdateMoment & { readonly clipFactor: Scalar }

function update(
  params: AdamW,
  { kind, parameter, gradient, slots }: UpdateEntry,
  moment: ClippedMoment,
): void {
  const { beta1, beta2, epsilon, decayKind } = params
  const { learningRate, step, clipFactor } = moment
  const decay = decayOf(params, kind)
  const m = slots['m']!
  const v = slots['v']!
  const vMax = slots['vMax']
  tidy(() => {
    const clipped: Tensor = mul(gradient, clipFactor)
    const g = decayKind === 'l2' ? add(clipped, mul(parameter, decay)) : clipped
    m.assign(add(mul(m, beta1), mul(g, 1 - beta1)))
    v.assign(add(mul(v, beta2), mul(square(g), 1 - beta2)))
    vMax?.assign(maximum(vMax, v))
    const root = sqrt(mul(vMax ?? v, 1 / (1 - beta2 ** step)))
    const direction = div(mul(m, 1 / (1 - beta1 ** step)), add(root, epsilon))
    const kept = decayKind === 'l2' ? 1 : 1 - learningRate * decay
    parameter.assign(sub(mul(parameter, kept), mul(direction, learningRate)))
  })
}

function rule({ decayKind, isAmsgrad }: AdamW): FlatUpdateRule {
  return {
    key: `adamW ${decayKind} ${isAmsgrad}`,
    slots: slotsOf(isAmsgrad),
    numbers: [
      'beta1',
      'one_minus_beta1',
      'beta2',
      'one_minus_beta2',
      'm_correction',
      'v_correction',
      'epsilon',
      'learning_rate',
      'kept',
      'pull',
    ],
    body: `let total = ${decayKind === 'l2' ? 'g + p * pull' : 'g'};
  m = m * beta1 + total * one_minus_beta1;
  v = v * beta2 + total * total * one_minus_beta2;
  ${isAmsgrad ? 'vMax = max(vMax, v);' : ''}
  let root = sqrt(${isAmsgrad ? 'vMax' : 'v'} * v_correction);
  p = p * kept - m * m_correction / (root + epsilon) * learning_rate;`,
  }
}

/** 1 - beta2 and the corrections would lose digits in float32. */
function numbers(params: AdamW, { learningRate, step }: UpdateMoment, kind: UpdateEntry['kind']): number[] {
  const { beta1, beta2, epsilon, decayKind } = params
  const decay = decayOf(params, kind)
  return [
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    1 / (1 - beta1 ** step),
    1 / (1 - beta2 ** step),
    epsilon,
    learningRate,
    decayKind === 'l2' ? 1 : 1 - learningRate * decay,
    decay,
  ]
}

function slotsOf(isAmsgrad: boolean): string[] {
  return isAmsgrad ? ['m', 'v', 'vMax'] : ['m', 'v']
}

/**
 * Adam with decoupled decay (Loshchilov & Hutter 2019), as torch.optim.AdamW; with L2 decay as torch.optim.Adam
 * (Kingma & Ba 2015); with AMSGrad (Reddi et al. 2018).
 */
export default defineOptimizer({
  id: 'adamw',
  title: 'AdamW',
  summary:
    'Steps of a size of their own for every weight, and decay that does not interfere with them; with L2 decay it is Adam.',
  link: 'https://arxiv.org/abs/1711.05101',
  fields,
  slots: ({ isAmsgrad }) => slotsOf(isAmsgrad),
  flat: { update, rule, numbers },
})
