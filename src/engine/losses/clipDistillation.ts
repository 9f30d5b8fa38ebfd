import { offTape } from '../backend/offTape.ts'
import { add, logSoftmax, mul, neg, softmax, sum, type Scalar, type Tensor2D } from '../backend/tfjs.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { defineLoss } from './defineLoss.ts'
import { rowsIn, sumOverRows, type Sides } from './parts/rowBlocks.ts'
import { contrastFields, direction, symmetricContrast } from './parts/symmetricContrast.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * CLIP distillation, as open_clip: CLIP's loss of the student, and the cross-entropy of the student's similarities with the
 * softmax of the teacher's as targets, the mean of both directions; the teacher's entropy is not taken off. a, b [B, D],
 * teacherA, teacherB [B, E], to which no gradient goes.
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
    const [a, b] = [direction(pairs.a, params), direction(pairs.b, params)]
    const taughtA: Tensor2D = offTape(() => mul(direction(teacherA, params), teacherScale))
    const taughtB = direction(teacherB, params)
    const there = softTerms({ rows: a, columns: b, scale }, [taughtA, taughtB])
    const back = softTerms({ rows: b, columns: a, scale }, [taughtB, taughtA])
    const distilled: Scalar = mul(add(there, back), 0.5 / a.shape[0])
    return { loss: add(contrastive, distilled) as Scalar, parts: { contrastive, distilled, ...alike } }
  },
})

/** Σ_i -Σ_j softmax(teacher rows)_ij · log softmax(student rows)_ij. @param teacher rows and columns */
function softTerms(student: Sides, [taughtRows, taughtColumns]: readonly [Tensor2D, Tensor2D]): Scalar {
  const { total } = sumOverRows(student, ({ rows, columns, factor, ...block }) => {
    const wanted = offTape(() => softmax(rowScores(rowsIn(taughtRows, block), taughtColumns)))
    const surprise = neg(logSoftmax(mul(rowScores(rows, columns), factor)))
    return { total: sum(mul(wanted, surprise)), aside: {} }
  })
  return total
}
