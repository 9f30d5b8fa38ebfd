import { BunsenError } from '../../../core/errors.ts'
import { offTape } from '../../backend/offTape.ts'
import { clone, type Scalar, type Tensor2D } from '../../backend/tfjs.ts'
import type { LossInputs } from '../lossInputs.ts'
import { meanCosine } from './featureStatistics.ts'

/**
 * Every view of the student with every view of the teacher that is another crop: `student[i]` with `teacher[j]`, i ≠ j.
 * @throws BunsenError `loss-input` where there are no two
 */
export function viewPairs(
  id: string,
  { student, teacher }: LossInputs['views'],
): { student: Tensor2D; teacher: Tensor2D }[] {
  const pairs = teacher.flatMap((target, t) =>
    student.flatMap((view, s) => (s === t ? [] : [{ student: view, teacher: target }])),
  )
  if (pairs.length > 0) return pairs
  throw new BunsenError(
    `Loss ${id}: needs two different views, got ${student.length} of the student and ${teacher.length} of the teacher`,
    { code: 'loss-input', remedy: 'Make two views of each item at least.' },
  )
}

/** Mean cosine of each way, with no gradient to the teacher's views, whoever made them. Throws as `viewPairs`. */
export function cosinesOfWays(id: string, views: LossInputs['views']): Scalar[] {
  return viewPairs(id, views).map(({ student, teacher }) =>
    meanCosine(
      student,
      offTape(() => clone(teacher)),
    ),
  )
}
