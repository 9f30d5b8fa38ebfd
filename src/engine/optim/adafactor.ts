import type { Fields, InferFields } from '../../core/schema.ts'
import { adafactorTable, adafactorUpdate } from '../kernels/adafactorUpdate/adafactorKernel.ts'
import { adafactorTwin, isFactored } from '../kernels/adafactorUpdate/adafactorUpdate.ts'
import type { ParameterSpec } from '../nn/parameter.ts'
import { decayOf, decayOnField } from './decay.ts'
import { defineOptimizer, type UpdateMoment } from './defineOptimizer.ts'
import { learningRateField, weightDecayField } from './fields.ts'

const fields = {
  learningRate: {
    ...learningRateField,
    help: 'Size of a step, as a share of the size of the weights where steps are scaled.',
    default: 0.01,
  },
  isRelativeStep: {
    type: 'bool',
    label: 'Falling steps',
    help: 'The learning rate is at most one over the square root of the number of updates.',
    default: true,
    isAdvanced: true,
  },
  isScaled: {
    type: 'bool',
    label: 'Scaled steps',
    help: 'Steps are multiplied by the size of the weight that they change.',
    default: true,
    isAdvanced: true,
  },
  leastScale: {
    type: 'number',
    label: 'Smallest scale',
    help: 'What a weight’s size counts as at least, so that weights of zero learn.',
    default: 1e-3,
    min: 0,
    max: 1e6,
    scale: 'log',
    isAdvanced: true,
  },
  decayExponent: {
    type: 'number',
    label: 'Growth of memory',
    help: 'The running means of squares forget 1 / step to this power at an update.',
    default: 0.8,
    min: 0,
    max: 1,
    step: 0.05,
    isAdvanced: true,
  },
  clipThreshold: {
    type: 'number',
    label: 'Longest step',
    help: 'A weight’s step is scaled down to this root mean square, before the learning rate.',
    default: 1,
    min: 1e-6,
    max: 1e6,
    scale: 'log',
    isAdvanced: true,
  },
  beta1: {
    type: 'number',
    label: 'Beta 1',
    help: 'Memory of the running mean of steps; 0 does without, and without its memory.',
    default: 0,
    min: 0,
    max: 0.99999,
    isAdvanced: true,
  },
  epsilon: {
    type: 'number',
    label: 'Epsilon',
    help: 'Keeps steps from being divided by zero.',
    default: 1e-30,
    min: 1e-37,
    max: 1,
    scale: 'log',
    isAdvanced: true,
  },
  epsilonKind: {
    type: 'choice',
    label: 'Kind of epsilon',
    help: 'How it does; this shows where gradients vanish only.',
    default: 'added',
    isAdvanced: true,
    options: [
      { value: 'added', label: 'Added to squares', help: 'Of gradients, as in transformers.' },
      {
        value: 'floor',
        label: 'Smallest size',
        help: 'What a gradient’s size counts as at least, as in torch.',
      },
    ],
  },
  weightDecay: { ...weightDecayField, help: 'Pull of weights towards zero.' },
  decayOn: decayOnField,
  decayKind: {
    type: 'choice',
    label: 'Kind of decay',
    help: 'What the pull goes along with.',
    default: 'step',
    isAdvanced: true,
    options: [
      { value: 'step', label: 'The step', help: 'With all that scales a step, as in transformers.' },
      { value: 'rate', label: 'The learning rate', help: 'With the learning rate alone, as in torch.' },
    ],
  },
} as const satisfies Fields
type Adafactor = InferFields<typeof fields>

function numbers(params: Adafactor, { learningRate, step }: UpdateMoment, { kind }: ParameterSpec) {
  const decay = decayOf(params, kind)
  const forgotten = step ** -params.decayExponent
  return {
    rate: params.isRelativeStep ? Math.min(learningRate, 1 / Math.sqrt(step)) : learningRate,
    remembered: 1 - forgotten,
    forgotten,
    pull: params.decayKind === 'rate' ? learningRate * decay : decay,
  }
}

/** Of the axis [out] and of the axis [in] for a matrix; else what every number has. */
function slotShape(_params: Adafactor, slot: string, { shape }: ParameterSpec): readonly number[] | null {
  if (slot === 'm') return shape
  if (slot === 'v') return isFactored(shape) ? null : shape
  return !isFactored(shape)
    ? null
    : slot === 'row'
      ? shape.slice(0, -1)
      : [...shape.slice(0, -2), shape.at(-1)!]
}

/**
 * Adaptive steps from the means of squared gradients over rows and columns (Shazeer & Stern 2018), as Adafactor in
 * transformers, and with `decayKind` rate and `epsilonKind` floor as in torch.
 */
export default defineOptimizer({
  id: 'adafactor',
  title: 'Adafactor',
  summary: 'Close to AdamW with almost no memory of its own: squares are kept by row and column.',
  link: 'https://arxiv.org/abs/1804.04235',
  fields,
  slots: ({ beta1 }) => ['row', 'column', 'v', ...(beta1 > 0 ? ['m'] : [])],
  whole: {
    slotShape,
    numbers,
    update: (params, { numbers: { rate, remembered, forgotten, pull }, ...entry }) =>
      adafactorTwin(params, {
        ...entry,
        numbers: { rate: rate!, remembered: remembered!, forgotten: forgotten!, pull: pull! },
      }),
    rule: (params) => ({
      kernel: 'adafactorUpdate',
      table: adafactorTable,
      update: (backend, given) => adafactorUpdate(backend, params, given),
    }),
  },
})
