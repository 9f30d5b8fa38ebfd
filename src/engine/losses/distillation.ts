import { BunsenError } from '../../core/errors.ts'
import {
  add,
  div,
  exp,
  logSoftmax,
  mean,
  mul,
  sub,
  sum,
  type Scalar,
  type Tensor1D,
} from '../backend/tfjs.ts'
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import { defineLoss, type LossResult } from './defineLoss.ts'
import { ignoredTarget } from './lossInputs.ts'
import { ratio } from './parts/ratio.ts'
import { countedRows } from './parts/rowCrossEntropy.ts'

/**
 * Knowledge distillation (Hinton et al. 2015): alpha·T²·KL(teacher‖student), both softmaxes of logits / T, and
 * (1 - alpha)·cross-entropy with the labels. logits, teacher [N, C], targets int32 [N], which may be null where alpha is 1. Rows
 * whose target is ignored count in neither.
 */
export default defineLoss({
  id: 'distillation',
  title: 'Distillation',
  summary: 'Learns from a teacher’s softened answers and from the labels.',
  formula: 'α·T²·KL(softmax(t/T) ‖ softmax(s/T)) + (1 − α)·CE(s, y)',
  use: 'Making a small model of a large one.',
  link: 'https://arxiv.org/abs/1503.02531',
  accepts: 'taught',
  fields: {
    temperature: {
      type: 'number',
      label: 'Temperature',
      help: 'Softens both; higher shows more of what the teacher thinks of wrong answers.',
      default: 2,
      min: 0.1,
      max: 100,
      scale: 'log',
    },
    alpha: {
      type: 'number',
      label: 'Teacher’s share',
      help: 'The rest is cross-entropy with the labels.',
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.05,
    },
  },
  compute({ temperature, alpha }, { logits, teacher, targets }) {
    const [logP, logQ] = [logSoftmax(div(teacher, temperature)), logSoftmax(div(logits, temperature))]
    const divergences: Tensor1D = sum(mul(exp(logP), sub(logP, logQ)), 1)
    const soft: Scalar = mul(meanOfCounted(divergences, targets), temperature ** 2)
    if (targets === null) {
      if (alpha < 1) throw needsTargets(alpha)
      return { loss: soft, parts: {} }
    }
    const hard = crossEntropy(logits, targets, { labelSmoothing: 0, ignoreIndex: ignoredTarget })
    const parts: LossResult['parts'] = { soft, hard }
    return { loss: add(mul(soft, alpha), mul(hard, 1 - alpha)) as Scalar, parts }
  },
})

/** Over the rows whose target counts, as cross-entropy; over all where there are no targets. */
function meanOfCounted(rows: Tensor1D, targets: Tensor1D | null): Scalar {
  if (targets === null) return mean(rows)
  const counted = countedRows(targets)
  return ratio(sum(mul(rows, counted)), sum(counted)) as Scalar
}

function needsTargets(alpha: number): BunsenError {
  return new BunsenError(
    `Loss distillation: needs targets where the teacher’s share is below 1, got ${alpha}`,
    { code: 'loss-input' },
  )
}
