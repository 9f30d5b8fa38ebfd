import {
  addN,
  concat,
  div,
  logSoftmax,
  mean,
  mul,
  neg,
  slice,
  sum,
  type Scalar,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { BunsenError } from '../../core/errors.ts'
import { defineLoss } from './defineLoss.ts'
import { sinkhorn } from './parts/sinkhorn.ts'

/**
 * SwAV (Caron et al. 2020): each high-resolution view's code (Sinkhorn) is predicted from every other view's scores of the
 * prototypes: -Σ_k q_k·log softmax(scores / temperature)_k, the mean over codes and views. Scores of earlier items take part in
 * the codes only. Scores [B, K], queues [Q, K].
 */
export default defineLoss({
  id: 'swav',
  title: 'SwAV',
  summary: 'Predicts from one view to which prototypes another was assigned, in even shares.',
  formula: 'mean over i, v ≠ i of −Σ_k sinkhorn(s_i)_k·log softmax(s_v/τ)_k',
  use: 'Self-supervised learning by clustering, with many crops.',
  link: 'https://arxiv.org/abs/2006.09882',
  accepts: 'prototypeScores',
  fields: {
    temperature: {
      type: 'number',
      label: 'Temperature',
      help: 'What scores are divided by in the prediction.',
      default: 0.1,
      min: 0.001,
      max: 10,
      scale: 'log',
    },
    sinkhornEpsilon: {
      type: 'number',
      label: 'Softness of codes',
      help: 'What scores are divided by in the assignment: lower ones are harder.',
      default: 0.05,
      min: 0.001,
      max: 10,
      scale: 'log',
      isAdvanced: true,
    },
    sinkhornIterations: {
      type: 'int',
      label: 'Iterations',
      help: 'How often shares are evened out.',
      default: 3,
      min: 1,
      max: 100,
      isAdvanced: true,
    },
  },
  compute({ temperature, sinkhornEpsilon, sinkhornIterations }, { high, low, queued }) {
    const views = [...high, ...low]
    if (views.length < 2 || high.length === 0) throw tooFew(high.length, low.length)
    const options = { iterations: sinkhornIterations, epsilon: sinkhornEpsilon }
    const surprises = views.map((scores) => neg(logSoftmax(div(scores, temperature))))
    const terms = high.flatMap((scores, i) => {
      const codes = codesOf(scores, queued[i] ?? null, options)
      return surprises.flatMap((surprise, v) => (v === i ? [] : [mean(sum(mul(codes, surprise), 1))]))
    })
    return { loss: div(addN(terms), terms.length) as Scalar, parts: {} }
  },
})

/** Codes of the batch, assigned together with what is queued. */
function codesOf(
  scores: Tensor2D,
  queued: Tensor2D | null,
  options: Parameters<typeof sinkhorn>[1],
): Tensor2D {
  const codes = sinkhorn(queued === null ? scores : concat([scores, queued], 0), options)
  return slice(codes, [0, 0], scores.shape)
}

function tooFew(high: number, low: number): BunsenError {
  return new BunsenError(
    `Loss swav: needs a high-resolution view and another view, got ${high} high and ${low} low`,
    { code: 'loss-input', remedy: 'Make two views of each item at least.' },
  )
}
