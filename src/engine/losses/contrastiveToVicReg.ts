import {
  add,
  greater,
  greaterEqual,
  logicalOr,
  mul,
  reshape,
  sub,
  where,
  zerosLike,
  type Scalar,
  type Tensor,
} from '../backend/tfjs.ts'
import { offTape } from '../backend/offTape.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { defineLoss, type StateSpec } from './defineLoss.ts'
import { alignmentOf } from './parts/alignment.ts'
import { batchCount, oneMore, rampShare } from './parts/batchCount.ts'
import { needsRows } from './parts/needsRows.ts'
import { symmetricContrast } from './parts/symmetricContrast.ts'
import { defaultLargestScale, temperatureFields, temperatureScalars } from './parts/temperature.ts'
import { vicRegFields, vicRegTerms, weighedVicReg } from './parts/vicRegTerms.ts'

/**
 * CLIP's loss first, VICReg later (a recipe of the MultiModal Insight Engine; Radford et al. 2021, Bardes et al. 2022):
 * (1 - p)·CLIP + p·VICReg, where p is 0 until the switch begins and then rises to 1 over so many batches. It begins after
 * so many batches, or as soon as the gap of a batch exceeds a threshold, but after so many batches at the latest: gap = mean
 * cosine of partners - mean cosine of all. The batch on which it begins counts for the first time: p = 1/ramp. a, b [B, D],
 * B at least 2; rows with the same id are positives of each other. State: `counted` [1], the batches seen, and `switched`
 * [1], those of the switch. Parts: both losses, unweighted, `progress` (p), `alignmentGap`, and `alignmentSignal`, the gap
 * over the deviation of all cosines.
 */
export default defineLoss({
  id: 'contrastive-to-vicreg',
  title: 'Contrastive, then VICReg',
  summary: 'Pushes pairs apart until they are told apart, and then keeps features in use without negatives.',
  formula:
    '(1 − p)·CLIP(a, b) + p·VICReg(a, b), p from 0 to 1 once mean cos(a_i, b_i) − mean cos(a_i, b_j) > gap',
  use: 'Two modalities that have to find each other before VICReg can hold them together.',
  link: 'https://arxiv.org/abs/2105.04906',
  accepts: 'pairs',
  fields: {
    ...temperatureFields,
    ...vicRegFields,
    switchesBy: {
      type: 'choice',
      label: 'Switches by',
      help: 'What begins the change from the one loss to the other.',
      default: 'gap',
      options: [
        {
          value: 'gap',
          label: 'The gap',
          help: 'As pairs are aligned, or after so many batches at the latest.',
        },
        { value: 'step', label: 'The step', help: 'After so many batches.' },
      ],
    },
    switchAfter: {
      type: 'int',
      label: 'Switches after',
      help: 'So many batches are contrastive, or at most so many where the gap decides.',
      default: 300,
      min: 0,
      max: 10_000_000,
    },
    gap: {
      type: 'number',
      label: 'Gap',
      help: 'How much higher the mean cosine of partners has to be than that of all.',
      default: 0.3,
      min: 0,
      max: 2,
      step: 0.05,
    },
    rampSteps: {
      type: 'int',
      label: 'Ramp',
      help: 'So many batches the change takes; 0: it is made at once.',
      default: 100,
      min: 0,
      max: 1_000_000,
    },
  },
  scalars: temperatureScalars,
  state: (): Record<'counted' | 'switched', StateSpec> => ({ counted: batchCount, switched: batchCount }),
  compute(params, pairs, memory) {
    needsRows('contrastive-to-vicreg', pairs.a.shape[0], 2)
    const { counted, switched } = memory.state as Record<'counted' | 'switched', Tensor>
    const { loss: contrastive, parts: alike } = symmetricContrast(
      { ...params, isNormalized: true, largestScale: defaultLargestScale },
      pairs,
      memory,
    )
    const vicReg = weighedVicReg(params, vicRegTerms(params, pairs))
    const { gap, signal } = alignmentOf(l2Normalize(pairs.a), l2Normalize(pairs.b))
    const next = offTape(() => {
      const isLate = greaterEqual(counted, params.switchAfter)
      const isAligned = greater(reshape(gap, [1]), params.gap)
      const begins = params.switchesBy === 'gap' ? logicalOr(isLate, isAligned) : isLate
      return where(logicalOr(greater(switched, 0), begins), add(switched, 1), zerosLike(switched))
    })
    const progress = rampShare(next, params.rampSteps)
    const loss: Scalar = add(mul(contrastive, sub(1, progress)), mul(vicReg, progress))
    const parts = { contrastive, vicReg, progress, alignmentGap: gap, alignmentSignal: signal, ...alike }
    return { loss, parts, state: { counted: oneMore(counted), switched: next } }
  },
})
