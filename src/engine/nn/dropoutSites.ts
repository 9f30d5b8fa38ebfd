import { Generator } from '../../core/rng.ts'
import type { Tensor1D } from '../backend/tfjs.ts'

/** How one dropout of one forward pass draws its mask: see `kernels/dropout`. */
export interface DropoutDraw {
  readonly rate: number
  readonly key: readonly [number, number]
  readonly step: number
  readonly counter: Tensor1D | null
}

/** The draw for a named place of a model; null where nothing is dropped (rate 0, evaluation). */
export type DropoutAt = (site: string) => DropoutDraw | null

export const noDropout: DropoutAt = () => null

/**
 * Masks are addressed by seed, site, step and micro-batch, so that a resumed run drops the same units. The first
 * micro-batch has the purpose `dropout/<site>`, the following ones `dropout/<site>/<n>`.
 */
export function dropoutSites(options: {
  seed: number
  rate: number
  step: number
  microBatch: number
  /** The step on the device: see `kernels/dropout`. */
  counter: Tensor1D | null
}): DropoutAt {
  const { seed, rate, step, microBatch, counter } = options
  if (rate === 0) return noDropout
  const suffix = microBatch === 0 ? '' : `/${microBatch}`
  return (site) => ({ rate, step, counter, key: new Generator(seed, `dropout/${site}${suffix}`).key })
}
