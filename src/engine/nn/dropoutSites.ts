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

/** The same for any rate; null where the rate is 0, and in evaluation. */
export type DrawAt = (site: string, rate: number) => DropoutDraw | null

export function dropoutOf(drawAt: DrawAt, rate: number): DropoutAt {
  return (site) => drawAt(site, rate)
}

/**
 * Masks are addressed by seed, site, step and micro-batch, so that a resumed run drops the same units. The first
 * micro-batch has the purpose `dropout/<site>`, the following ones `dropout/<site>/<n>`.
 */
export function dropoutSites(options: {
  seed: number
  step: number
  microBatch: number
  /** The step on the device: see `kernels/dropout`. */
  counter: Tensor1D | null
}): DrawAt {
  const { seed, step, microBatch, counter } = options
  const suffix = microBatch === 0 ? '' : `/${microBatch}`
  return (site, rate) =>
    rate === 0 ? null : { rate, step, counter, key: new Generator(seed, `dropout/${site}${suffix}`).key }
}
