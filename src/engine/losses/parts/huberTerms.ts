import { abs, minimum, mul, sub, type Tensor } from '../../backend/tfjs.ts'

/** ½e² where |e| <= delta, delta·(|e| - ½delta) beyond (Huber 1964), number by number. */
export function huberTerms<T extends Tensor>(error: T, delta: number): T {
  const size = abs(error)
  const small = minimum(size, delta)
  return mul(small, sub(size, mul(small, 0.5)))
}
