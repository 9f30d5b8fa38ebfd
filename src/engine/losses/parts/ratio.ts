import { offTape } from '../../backend/offTape.ts'
import { div, equal, onesLike, where, type Tensor } from '../../backend/tfjs.ts'

/** total / count, number by number; total where there is nothing to divide by. No gradient goes to the count. */
export function ratio<T extends Tensor>(total: T, count: T): T {
  return div(
    total,
    offTape(() => where(equal(count, 0), onesLike(count), count)),
  )
}
