import type { DataConfig } from '../core/runConfig.ts'
import { requireSplit } from './splits/registry.ts'

/**
 * Places of the items of both parts, each in order.
 * @param options.labels class of each item, so that both parts can have as many of each; null without
 */
export function splitItems(options: {
  count: number
  split: DataConfig['split']
  seed: number
  labels: Int32Array | null
}): { train: Int32Array; validation: Int32Array } {
  const { count, split, seed, labels } = options
  const stretches = requireSplit(split, 'items').validation(count, split, seed, labels)
  const isKept = new Uint8Array(count)
  for (const { start, end } of stretches) isKept.fill(1, start, end)
  const places = Int32Array.from({ length: count }, (_, place) => place)
  return {
    train: places.filter((place) => isKept[place] === 0),
    validation: places.filter((place) => isKept[place] === 1),
  }
}
