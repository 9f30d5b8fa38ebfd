import {
  add,
  fill,
  greater,
  mean,
  mul,
  neg,
  relu,
  softplus,
  square,
  sub,
  where,
  type Scalar,
  type Tensor1D,
} from '../backend/tfjs.ts'
import { offTape } from '../backend/offTape.ts'
import { defineLoss } from './defineLoss.ts'

/**
 * Direct preference optimisation (Rafailov et al. 2023, eq. 7): with h = (pi_c - pi_r) - (ref_c - ref_r) of the
 * log-probabilities of chosen and rejected answers, -(1 - e)·log σ(beta·h) - e·log σ(-beta·h), e the doubt in the labels
 * (cDPO, Mitchell 2023). Hinge (SLiC, Zhao et al. 2023): relu(1 - beta·h). IPO (Azar et al. 2023): (h - 1/(2·beta))².
 * All four [B]; the mean. The reward of an answer is beta·(pi - ref): `rewardMargin` is the mean of chosen minus rejected,
 * `rewardAccuracy` how often it is above 0.
 */
export default defineLoss({
  id: 'dpo',
  title: 'Direct preference optimisation',
  summary: 'Makes chosen answers likelier than rejected ones, without going far from a reference.',
  formula: 'mean of −log σ(β·h), h = (π_c − π_r) − (ref_c − ref_r), all log-probabilities',
  use: 'Tuning a language model on pairs of better and worse answers.',
  link: 'https://arxiv.org/abs/2305.18290',
  accepts: 'preferences',
  fields: {
    variant: {
      type: 'choice',
      label: 'Variant',
      help: 'What is made of the margin h.',
      default: 'sigmoid',
      options: [
        { value: 'sigmoid', label: 'Sigmoid', help: 'DPO itself.' },
        { value: 'hinge', label: 'Hinge', help: 'SLiC: satisfied once β·h is 1.' },
        { value: 'ipo', label: 'IPO', help: 'Aims at h = 1/(2β), against overfitting of sure preferences.' },
      ],
    },
    beta: {
      type: 'number',
      label: 'Beta',
      help: 'How strongly it is held to the reference.',
      default: 0.1,
      min: 0.001,
      max: 100,
      scale: 'log',
    },
    labelSmoothing: {
      type: 'number',
      label: 'Doubt',
      help: 'Share of preferences that are taken to be the wrong way round; sigmoid only.',
      default: 0,
      min: 0,
      max: 0.5,
      step: 0.01,
      isAdvanced: true,
    },
    isReferenceFree: {
      type: 'bool',
      label: 'Without reference',
      help: 'Takes the reference to be equally sure of both answers.',
      default: false,
      isAdvanced: true,
    },
  },
  compute({ variant, beta, labelSmoothing, isReferenceFree }, input) {
    const own: Tensor1D = sub(input.policyChosen, input.policyRejected)
    const h: Tensor1D = isReferenceFree ? own : sub(own, sub(input.referenceChosen, input.referenceRejected))
    const loss = mean(terms(h, { variant, beta, labelSmoothing })) as Scalar
    const margins = offTape((): Tensor1D =>
      mul(sub(own, sub(input.referenceChosen, input.referenceRejected)), beta),
    )
    const ones = fill(margins.shape, 1)
    const isRight = where(greater(margins, 0), ones, mul(ones, 0))
    const parts = { rewardMargin: mean(margins) as Scalar, rewardAccuracy: mean(isRight) as Scalar }
    return { loss, parts }
  },
})

function terms(
  h: Tensor1D,
  { variant, beta, labelSmoothing }: { variant: string; beta: number; labelSmoothing: number },
): Tensor1D {
  if (variant === 'hinge') return relu(sub(1, mul(h, beta)))
  if (variant === 'ipo') return square(sub(h, 1 / (2 * beta)))
  const scaled: Tensor1D = mul(h, beta)
  // -log σ(x) is softplus(-x)
  const sure: Tensor1D = softplus(neg(scaled))
  if (labelSmoothing === 0) return sure
  const wrong: Tensor1D = softplus(scaled)
  return add(mul(sure, 1 - labelSmoothing), mul(wrong, labelSmoothing))
}
