import { BunsenError } from '../../../core/errors.ts'
import type { Tensor2D } from '../../backend/tfjs.ts'
import type { LossInputs } from '../lossInputs.ts'

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
