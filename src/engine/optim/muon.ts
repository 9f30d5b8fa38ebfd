import type { Fields, InferFields } from '../../core/schema.ts'
import { muonTable, muonUpdate } from '../kernels/muonUpdate/muonKernel.ts'
import { muonTwin, type MuonSettings } from '../kernels/muonUpdate/muonUpdate.ts'
import { usualPolynomial } from '../kernels/newtonSchulz/newtonSchulz.ts'
import type { ParameterSpec } from '../nn/parameter.ts'
import adamW from './adamW.ts'
import { decayOf, decayOnField } from './decay.ts'
import { defineOptimizer, type UpdateMoment } from './defineOptimizer.ts'
import { beta1Field, beta2Field, epsilonField, learningRateField, weightDecayField } from './fields.ts'

const [linear, cubic, quintic] = usualPolynomial.coefficients
const coefficientField = {
  type: 'number',
  help: 'Coefficient of the polynomial that brings a direction nearer to an orthogonal matrix.',
  min: -100,
  max: 100,
  isAdvanced: true,
} as const

const fields = {
  learningRate: {
    ...learningRateField,
    help: 'Size of a step of the matrices, the same in every direction; much larger than for AdamW.',
    default: 0.02,
  },
  restMultiplier: {
    type: 'number',
    label: 'AdamW learning rate ×',
    help: 'Factor on the learning rate for embeddings, head, norms and biases, which AdamW updates.',
    default: 0.05,
    min: 0,
    max: 1000,
    scale: 'log',
  },
  momentum: {
    type: 'number',
    label: 'Momentum',
    help: 'Memory of the running mean of gradients of the matrices.',
    default: 0.95,
    min: 0,
    max: 0.9999,
    step: 0.01,
  },
  isNesterov: {
    type: 'bool',
    label: 'Nesterov',
    help: 'Looks one step ahead along the momentum.',
    default: true,
    isAdvanced: true,
  },
  newtonSchulzSteps: {
    type: 'int',
    label: 'Newton–Schulz steps',
    help: 'How often the direction is brought nearer to an orthogonal matrix.',
    default: 5,
    min: 1,
    max: 20,
    isAdvanced: true,
  },
  newtonSchulzLinear: { ...coefficientField, label: 'Newton–Schulz, linear', default: linear },
  newtonSchulzCubic: { ...coefficientField, label: 'Newton–Schulz, cubic', default: cubic },
  newtonSchulzQuintic: { ...coefficientField, label: 'Newton–Schulz, quintic', default: quintic },
  newtonSchulzEpsilon: {
    ...epsilonField,
    label: 'Newton–Schulz, epsilon',
    help: 'What the length of a direction counts as at least.',
    default: usualPolynomial.leastNorm,
    min: 1e-30,
  },
  stepLength: {
    type: 'choice',
    label: 'Length of steps',
    help: 'How the learning rate goes with the shape of a matrix.',
    default: 'outputs',
    isAdvanced: true,
    options: [
      { value: 'outputs', label: 'Of equal effect', help: 'Longer for matrices that make more of less.' },
      {
        value: 'adamw',
        label: 'As AdamW',
        help: 'Of AdamW’s usual size: takes AdamW’s learning rate and decay.',
      },
    ],
  },
  weightDecay: {
    ...weightDecayField,
    help: 'Pull of weights towards zero, against learning by heart.',
    default: 0.01,
  },
  decayOn: decayOnField,
  beta1: beta1Field,
  beta2: beta2Field,
  epsilon: epsilonField,
} as const satisfies Fields
type Muon = InferFields<typeof fields>

/** AdamW's settings for the weights that are no matrices. */
function ofAdamW({ beta1, beta2, epsilon, weightDecay, decayOn }: Muon) {
  const plain = { decayKind: 'decoupled', isAmsgrad: false } as const
  return { learningRate: 0, beta1, beta2, epsilon, weightDecay, decayOn, ...plain }
}

function slower<M extends UpdateMoment>({ restMultiplier }: Muon, moment: M): M {
  return { ...moment, learningRate: moment.learningRate * restMultiplier }
}

/**
 * Steps of matrices that make more of less are longer, so that their outputs move as far (Jordan et al. 2024); or of the
 * root mean square that AdamW's have (Liu et al. 2025, https://arxiv.org/abs/2502.16982).
 */
function numbers(params: Muon, { learningRate }: UpdateMoment, { kind, shape }: ParameterSpec) {
  const [from, to] = shape as [number, number]
  const longer =
    params.stepLength === 'adamw' ? 0.2 * Math.sqrt(Math.max(from, to)) : Math.sqrt(Math.max(1, to / from))
  return {
    forward: -learningRate * longer,
    kept: 1 - learningRate * decayOf(params, kind),
  }
}

function ofMatrices(params: Muon): MuonSettings {
  const { newtonSchulzLinear: a, newtonSchulzCubic: b, newtonSchulzQuintic: c } = params
  return { ...params, polynomial: { coefficients: [a, b, c], leastNorm: params.newtonSchulzEpsilon } }
}

const rest = adamW.flat!

/**
 * Momentum whose direction is made orthogonal, for the matrices within a model (Jordan et al. 2024), as torch.optim.Muon
 * in float32; AdamW for all other weights.
 */
export default defineOptimizer({
  id: 'muon',
  title: 'Muon',
  summary: 'Moves matrices equally in every direction that their gradients ask for; AdamW for the rest.',
  link: 'https://kellerjordan.github.io/posts/muon/',
  fields,
  // A matrix keeps m only.
  slots: () => ['m', 'v'],
  flat: {
    update: (params, entry, moment) => rest.update(ofAdamW(params), entry, slower(params, moment)),
    rule: (params) => rest.rule(ofAdamW(params)),
    numbers: (params, moment, kind) => rest.numbers(ofAdamW(params), slower(params, moment), kind),
  },
  whole: {
    takes: (_params, { kind, shape }) => kind === 'matrix' && shape.length === 2,
    slotShape: (_params, slot, { shape }) => (slot === 'm' ? shape : null),
    numbers,
    update(params, { parameter, gradient, slots, numbers: { forward, kept } }) {
      const entry = { parameter, gradient, m: slots['m']!, numbers: { forward: forward!, kept: kept! } }
      const { m, ...next } = muonTwin(ofMatrices(params), entry)
      return { ...next, slots: { m } }
    },
    rule: (params) => ({
      kernel: 'muonUpdate',
      table: muonTable,
      update: (backend, given) => muonUpdate(backend, ofMatrices(params), given),
    }),
  },
})
