import { defineLoss } from './defineLoss.ts'
import { batchCount, oneMore, rampShare } from './parts/batchCount.ts'
import { needsRows } from './parts/needsRows.ts'
import { vicRegFields, vicRegTerms, weighedVicReg } from './parts/vicRegTerms.ts'

/**
 * VICReg (Bardes et al. 2022): lambda·invariance + mu·variance + nu·covariance. v(z) is the mean over features of
 * relu(1 - sqrt(var + epsilon)), c(z) the sum of the squared covariances of different features, divided by D; both by B - 1.
 * The authors' code, and lightly, take the mean over all numbers of (a - b)² and ½(v(a) + v(b)); the paper's equations the
 * mean over rows of |a - b|² and v(a) + v(b). a, b [B, D], B at least 2. With a ramp, mu and nu rise from 0 to what is set
 * and stay there; state then: `counted` [1], the batches seen.
 */
export default defineLoss({
  id: 'vicreg',
  title: 'VICReg',
  summary: 'Brings two views together, keeps every feature in use and makes features differ.',
  formula: 'λ·|a − b|² + μ·Σ max(0, 1 − σ_d) + ν·Σ_{i≠j} C_ij² / D',
  use: 'Self-supervised learning without negatives, also of two modalities.',
  link: 'https://arxiv.org/abs/2105.04906',
  accepts: 'pairs',
  fields: {
    ...vicRegFields,
    rampSteps: {
      type: 'int',
      label: 'Ramp',
      help: 'So many batches the weights of variance and covariance take to rise to what is set; 0: none.',
      default: 0,
      min: 0,
      max: 1_000_000,
      isAdvanced: true,
    },
  },
  state: ({ rampSteps }): { [name: string]: typeof batchCount } =>
    rampSteps > 0 ? { counted: batchCount } : {},
  compute(params, pairs, { state }) {
    needsRows('vicreg', pairs.a.shape[0], 2)
    const parts = vicRegTerms(params, pairs)
    if (!(params.rampSteps > 0)) return { loss: weighedVicReg(params, parts), parts }
    const counted = oneMore(state['counted']!)
    const share = rampShare(counted, params.rampSteps)
    return { loss: weighedVicReg(params, parts, share), parts: { ...parts, ramp: share }, state: { counted } }
  },
})
