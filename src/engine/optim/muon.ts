import type { Fields, InferFields } from '../../core/schema.ts'
import { muonTable, muonUpdate } from '../kernels/muonUpdate/muonKernel.ts'
import { muonTwin } from '../kernels/muonUpdate/muonUpdate.ts'
import type { ParameterSpec } from '../nn/parameter.ts'
import adamW from './adamW.ts'
import { decayOf, decayOnField } from './decay.ts'
import { defineOptimizer, type UpdateMoment } from './defineOptimizer.ts'
import { beta1Field, beta2Field, epsilonField, learningRateField, weightDecayField } from './fields.ts'

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

/** Steps of matrices that make more of less are longer, so that their outputs move as far (Jordan et al. 2024). */
function numbers(params: Muon, { learningRate }: UpdateMoment, { kind, shape }: ParameterSpec) {
  const [from, to] = shape as [number, number]
  return {
    forward: -learningRate * Math.sqrt(Math.max(1, to / from)),
    kept: 1 - learningRate * decayOf(params, kind),
  }
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
      const { m, ...next } = muonTwin(params, entry)
      return { ...next, slots: { m } }
    },
    rule: (params) => ({
      kernel: 'muonUpdate',
      table: muonTable,
      update: (backend, given) => muonUpdate(backend, params, given),
    }),
  },
})
