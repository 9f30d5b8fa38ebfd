import type { Scalar, Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { combine } from '../combine/combine.ts'
import { newtonSchulz, type Polynomial } from '../newtonSchulz/newtonSchulz.ts'

export interface MuonSettings {
  readonly momentum: number
  readonly isNesterov: boolean
  readonly newtonSchulzSteps: number
  /** Of the Newton–Schulz steps. */
  readonly polynomial: Polynomial
}

/** One matrix at one update. */
export interface MuonEntry {
  /** [M, N] */
  readonly parameter: Tensor
  /** [M, N], clipped */
  readonly gradient: Tensor
  /** [M, N]: the running mean of gradients */
  readonly m: Tensor
  /** What is left of the parameter, and the factor on the direction, which points up. */
  readonly numbers: Readonly<Record<'kept' | 'forward', Scalar>>
}

/**
 * kept · P + forward · NS(m), with NS of {@link newtonSchulz} and the running mean m, or the mean after it with Nesterov's
 * look ahead (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/). `muonKernel` makes the same for all
 * matrices at once.
 * @returns parameter and m afterwards, both [M, N]
 */
export function muonTwin(
  { momentum, isNesterov, newtonSchulzSteps, polynomial }: MuonSettings,
  { parameter, gradient, m, numbers }: MuonEntry,
): { parameter: Tensor; m: Tensor } {
  const mean = (old: Tensor): Tensor => combine([old, momentum], [gradient, 1 - momentum])
  const next = mean(m)
  const toward = (isNesterov ? mean(next) : next) as Tensor2D
  const direction = orthogonal(toward, newtonSchulzSteps, polynomial)
  return { parameter: combine([parameter, numbers.kept], [direction, numbers.forward]), m: next }
}

/** Tall matrices are turned meanwhile: their product with themselves is smaller from that side. */
function orthogonal(x: Tensor2D, steps: number, polynomial: Polynomial): Tensor2D {
  const [rows, columns] = x.shape
  const wide = isTall(x.shape) ? tf.transpose(x) : x
  const [stack] = newtonSchulz(
    [tf.reshape(wide, [1, Math.min(rows, columns), Math.max(rows, columns)])],
    steps,
    polynomial,
  )
  const y = tf.reshape(stack!, wide.shape) as Tensor2D
  return isTall(x.shape) ? tf.transpose(y) : y
}

export function isTall(shape: readonly number[]): boolean {
  return shape[0]! > shape[1]!
}
