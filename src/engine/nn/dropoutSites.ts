import { Generator } from '../../core/rng.ts'

/** How one dropout of one forward pass draws its mask: see `kernels/dropout`. */
export interface DropoutDraw {
  readonly rate: number
  readonly key: readonly [number, number]
  readonly step: number
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
}): DropoutAt {
  const { seed, rate, step, microBatch } = options
  if (rate === 0) return noDropout
  const suffix = microBatch === 0 ? '' : `/${microBatch}`
  return (site) => ({ rate, step, key: new Generator(seed, `dropout/${site}${suffix}`).key })
}
