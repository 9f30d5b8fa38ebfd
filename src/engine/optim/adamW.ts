import type { Fields, InferFields } from '../../core/schema.ts'
import { add, div, maximum, mul, scalar, sqrt, square, sub, tidy, type Tensor } from '../backend/tfjs.ts'
import { adamWUpdate } from '../kernels/adamW/adamW.ts'
import { defineOptimizer, type UpdateEntry, type UpdateMoment } from './defineOptimizer.ts'

const fields = {
  learningRate: {
    type: 'number',
    label: 'Learning rate',
    help: 'Size of a step. Too small learns slowly, too large diverges; the schedule scales it over the stage.',
    default: 1e-3,
    min: 0,
    max: 1e6,
    scale: 'log',
    isLive: true,
  },
  beta1: {
    type: 'number',
    label: 'Beta 1',
    help: 'Memory of the running mean of gradients.',
    default: 0.9,
    min: 0,
    max: 0.99999,
    isAdvanced: true,
  },
  beta2: {
    type: 'number',
    label: 'Beta 2',
    help: 'Memory of the running mean of squared gradients; 0.95 suits language models, 0.999 small noisy batches.',
    default: 0.95,
    min: 0,
    max: 0.999999,
    isAdvanced: true,
  },
  epsilon: {
    type: 'number',
    label: 'Epsilon',
    help: 'Added to the denominator so that nothing is divided by zero.',
    default: 1e-8,
    min: 0,
    max: 1,
    scale: 'log',
    isAdvanced: true,
  },
  weightDecay: {
    type: 'number',
    label: 'Weight decay',
    help: 'Pull of weights towards zero, against learning by heart.',
    default: 0.1,
    min: 0,
    max: 10,
    step: 0.01,
  },
  decayOn: {
    type: 'choice',
    label: 'Decay of',
    help: 'Which weights are pulled.',
    default: 'matrices',
    isAdvanced: true,
    options: [
      { value: 'matrices', label: 'Matrices', help: 'Not norms, biases and embeddings.' },
      { value: 'matrices-and-embeddings', label: 'Matrices and embeddings', help: 'As nanoGPT.' },
      { value: 'everything', label: 'Everything', help: 'As a bare torch optimizer.' },
    ],
  },
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

function decayOf({ weightDecay, decayOn }: AdamW, kind: UpdateEntry['kind']): number {
  const isDecayed =
    kind === 'matrix' || decayOn === 'everything' || (kind === 'embedding' && decayOn !== 'matrices')
  return isDecayed ? weightDecay : 0
}

function update(params: AdamW, entry: UpdateEntry, moment: UpdateMoment): void {
  const decay = decayOf(params, entry.kind)
  if (params.decayKind === 'decoupled') return step(params, entry, moment, decay)
  tidy(() => {
    const gradient = add(mul(entry.gradient, moment.clipFactor), mul(entry.parameter, decay))
    step(params, { ...entry, gradient }, { ...moment, clipFactor: scalar(1) }, 0)
  })
}

function step(
  params: AdamW,
  { parameter, gradient, slots }: UpdateEntry,
  moment: UpdateMoment,
  weightDecay: number,
): void {
  const { beta1, beta2, epsilon } = params
  const { m, v, vMax } = slots
  if (vMax === undefined) {
    const hyper = { learningRate: moment.learningRate, beta1, beta2, epsilon, weightDecay, step: moment.step }
    adamWUpdate({ parameter, gradient, m: m!, v: v! }, hyper, moment.clipFactor)
    return
  }
  tidy(() => {
    const clipped: Tensor = mul(gradient, moment.clipFactor)
    m!.assign(add(mul(m!, beta1), mul(clipped, 1 - beta1)))
    v!.assign(add(mul(v!, beta2), mul(square(clipped), 1 - beta2)))
    vMax.assign(maximum(vMax, v!))
    const root = mul(sqrt(vMax), 1 / Math.sqrt(1 - beta2 ** moment.step))
    const move = mul(div(m!, add(root, epsilon)), moment.learningRate / (1 - beta1 ** moment.step))
    parameter.assign(sub(mul(parameter, 1 - moment.learningRate * weightDecay), move))
  })
}

/**
 * Adam with decoupled decay (Loshchilov & Hutter 2019), as torch.optim.AdamW; with L2 decay as torch.optim.Adam
 * (Kingma & Ba 2015); with AMSGrad (Reddi et al. 2018).
 */
export default defineOptimizer({
  id: 'adamw',
  title: 'AdamW',
  summary: 'Steps of a size of their own for every weight, and decay that does not interfere with them.',
  link: 'https://arxiv.org/abs/1711.05101',
  fields,
  slots: ({ isAmsgrad }) => (isAmsgrad ? ['m', 'v', 'vMax'] : ['m', 'v']),
  update,
})
