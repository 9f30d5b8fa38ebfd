import { offTape } from '../backend/offTape.ts'
import {
  add,
  addN,
  div,
  logSoftmax,
  mean,
  mul,
  neg,
  softmax,
  sub,
  sum,
  type Scalar,
  type Tensor,
} from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import { viewPairs } from './parts/viewPairs.ts'

/**
 * DINO (Caron et al. 2021): cross-entropy of the student's softmax(s / T_s) with the teacher's softmax((t - centre) / T_t), the
 * mean over all pairs of different views. The centre follows the mean of the teacher's outputs, after the loss. Views are
 * [B, K], the student's crops beginning with those that the teacher sees.
 */
export default defineLoss({
  id: 'dino',
  title: 'DINO',
  summary: 'Learns to say of one view what a slowly moving copy says, more sharply, of another.',
  formula: 'mean over t ≠ s of −Σ softmax((t − c)/T_t)·log softmax(s/T_s)',
  use: 'Self-supervised vision transformers, with many crops.',
  link: 'https://arxiv.org/abs/2104.14294',
  accepts: 'views',
  fields: {
    teacherTemperature: {
      type: 'number',
      label: 'Teacher’s temperature',
      help: 'Below the student’s, so that its answers are sharper.',
      default: 0.04,
      min: 0.001,
      max: 10,
      scale: 'log',
    },
    studentTemperature: {
      type: 'number',
      label: 'Student’s temperature',
      help: 'What the student’s scores are divided by.',
      default: 0.1,
      min: 0.001,
      max: 10,
      scale: 'log',
    },
    centerMomentum: {
      type: 'number',
      label: 'Centre’s momentum',
      help: 'How much of the centre stays at a step.',
      default: 0.9,
      min: 0,
      max: 1,
      step: 0.01,
      isAdvanced: true,
    },
  },
  state: (_params, { width }) => ({ center: { shape: [1, width], dtype: 'float32', init: 'zeros' } }),
  compute({ teacherTemperature, studentTemperature, centerMomentum }, views, { state }) {
    const center = state['center']!
    const targets = new Map(
      views.teacher.map((teacher) => [
        teacher,
        offTape(() => softmax(div(sub(teacher, center), teacherTemperature))),
      ]),
    )
    const terms = viewPairs('dino', views).map(({ student, teacher }) => {
      const surprise = neg(logSoftmax(div(student, studentTemperature)))
      return mean(sum(mul(targets.get(teacher)!, surprise), 1))
    })
    const next = offTape((): Tensor => {
      const seen = addN(views.teacher.map((teacher) => mean(teacher, 0, true)))
      return add(mul(center, centerMomentum), mul(seen, (1 - centerMomentum) / views.teacher.length))
    })
    return { loss: div(addN(terms), terms.length) as Scalar, parts: {}, state: { center: next } }
  },
})
