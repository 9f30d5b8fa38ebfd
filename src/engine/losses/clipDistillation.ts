import { recomputed } from '../backend/recomputed.ts'
import {
  add,
  exp,
  logSoftmax,
  matMul,
  mul,
  neg,
  slice,
  softmax,
  sum,
  type Scalar,
  type Tensor,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { rowChunks } from '../kernels/rowChunks.ts'
import { defineLoss } from './defineLoss.ts'
import { contrastFields, direction, symmetricContrast } from './parts/symmetricContrast.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * CLIP distillation, as open_clip: CLIP's loss of the student, and the cross-entropy of the student's similarities with the
 * softmax of the teacher's as targets, the mean of both directions; the teacher's entropy is not taken off. Similarities
 * are made for some rows at a time and made again in the backward pass. a, b [B, D], teacherA, teacherB [B, E].
 */
export default defineLoss({
  id: 'clip-distillation',
  title: 'CLIP distillation',
  summary: 'CLIP’s loss, and a teacher’s opinion on how alike all pairs are.',
  formula: 'CLIP(a, b) + ½ Σ of both directions of CE(softmax(teacher), softmax(student))',
  use: 'Making a small dual encoder of a large one.',
  link: 'https://arxiv.org/abs/2312.00452',
  accepts: 'taughtPairs',
  fields: { ...temperatureFields, ...contrastFields },
  scalars: temperatureScalars,
  compute(params, { teacherA, teacherB, teacherScale, ...pairs }, memory) {
    const { loss: contrastive, parts: alike } = symmetricContrast(params, pairs, memory)
    const scale = scaleOf(params, memory, params.largestScale)
    const student = [pairs.a, pairs.b].map((x) => direction(x, params)) as [Tensor2D, Tensor2D]
    // The scale goes into one side, so that chunks need no number of their own.
    const scaled = mul<Tensor2D>(student[0], typeof scale === 'number' ? scale : exp(scale))
    const taught = [
      mul<Tensor2D>(direction(teacherA, params), teacherScale),
      direction(teacherB, params),
    ] as const
    const there = softTerms([scaled, student[1]], taught)
    const back = softTerms([student[1], scaled], [taught[1], taught[0]])
    const distilled: Scalar = mul(add(there, back), 0.5 / scaled.shape[0])
    return { loss: add(contrastive, distilled) as Scalar, parts: { contrastive, distilled, ...alike } }
  },
})

/** Σ_i -Σ_j softmax(teacher rows)_ij · log softmax(student rows)_ij of a · bᵀ, for some rows at a time. */
function softTerms(student: readonly [Tensor2D, Tensor2D], teacher: readonly [Tensor2D, Tensor2D]): Scalar {
  const [rows, columns] = [student[0].shape[0], student[1].shape[0]]
  const part = (x: Tensor2D, first: number, count: number): Tensor2D =>
    slice(x, [first, 0], [count, x.shape[1]])
  const terms = rowChunks(rows, columns).map(({ first, count }) => {
    const inputs = [part(student[0], first, count), student[1], part(teacher[0], first, count), teacher[1]]
    return recomputed(inputs, ([a, b, ta, tb]) => {
      const wanted = softmax(product(ta!, tb!))
      return neg(sum(mul(wanted, logSoftmax(product(a!, b!))))) as Scalar
    })
  })
  return terms.reduce((total, term): Scalar => add(total, term))
}

function product(a: Tensor, b: Tensor): Tensor2D {
  return matMul(a as Tensor2D, b as Tensor2D, false, true)
}
