import { DataError } from '../../core/errors.ts'
import { ignoredTarget } from '../losses/lossInputs.ts'
import type { ArraySpec } from '../tasks/defineTask.ts'

/** Some items, as the arrays that their task names. */
export interface Batch {
  /** Item after item: as many elements of each as it has items, times the same. */
  readonly arrays: Readonly<Record<string, Int32Array | Float32Array>>
  readonly batchSize: number
  /** How many of its first items count in metrics; the others fill it up. Left out for all. */
  readonly validItems?: number
  /** Where its items stand in their part. Left out where they are cut from a text. */
  readonly places?: Int32Array
}

export type ArraySpecs = Readonly<Record<string, ArraySpec>>

export interface StepRequest {
  /** Updates finished before this one, over all stages. */
  readonly step: number
  /** The same within the stage. */
  readonly stageStep: number
  /** As many as the stage's accumulationSteps, all of one size. */
  readonly batches: readonly Batch[]
  /** What the schedule gives for this update. */
  readonly learningRate: number
  /** How much each loss of the stage counts; left out for what its settings say of this step. */
  readonly lossWeights?: readonly number[]
  /** Factors on the learning rate by tower of the model; left out for 1. */
  readonly towerRates?: readonly number[] | undefined
}

/**
 * Refuses what a kernel would read out of bounds: arrays of another size than items times elements, and whole numbers outside
 * their range. Throws `batch-size` and `token-range`.
 */
export function checkBatch({ arrays, batchSize }: Batch, specs: ArraySpecs): void {
  const sequences = new Map<string, { name: string; length: number }>()
  for (const [name, spec] of Object.entries(specs)) {
    const { perItem, sequence: kind, dtype, label, range } = spec
    const sequence = kind === undefined ? undefined : sequences.get(kind)
    const array = arrays[name]
    if (array === undefined || array instanceof Int32Array !== (dtype === 'int32')) {
      throw wrongSize(`${label} must be ${dtype}, got ${array?.constructor.name ?? 'nothing'}`)
    }
    const { length } = array
    const ofItem = length / batchSize
    const isFitting =
      kind !== undefined
        ? Number.isInteger(ofItem) &&
          ofItem >= 1 &&
          ofItem <= perItem &&
          (sequence?.length ?? length) === length
        : ofItem === perItem
    if (!isFitting || length === 0) {
      const wanted =
        sequence === undefined ? `${batchSize} * ${perItem}` : `${sequence.length}, as ${sequence.name}`
      throw wrongSize(`must hold ${wanted} ${label}, got ${length}`)
    }
    if (kind !== undefined && sequence === undefined) sequences.set(kind, { name: label, length })
    if (range !== null) checkRange(array, label, range)
  }
}

function wrongSize(rule: string): DataError {
  return new DataError(`Batch: ${rule}`, { code: 'batch-size' })
}

function checkRange(
  array: Int32Array | Float32Array,
  label: string,
  [lowest, highest]: readonly [number, number],
): void {
  const bad = array.find((value) => value < lowest || value > highest)
  if (bad === undefined) return
  throw new DataError(`Batch: ${label} must be between ${lowest} and ${highest}, got ${bad}`, {
    code: 'token-range',
    remedy: 'The data were prepared for another model than this one: prepare them again.',
  })
}

/**
 * What each batch counts in the mean over all that counts: equal shares for batches without ignored targets. This makes
 * accumulated gradients those of the one big batch. Throws `no-targets` when nothing counts.
 */
export function shareOfEach(batches: readonly Batch[], specs: ArraySpecs): number[] {
  const [target] = Object.entries(specs).find(([, { isTarget }]) => isTarget === true) ?? []
  const counts = batches.map(({ arrays, batchSize }) => {
    if (target === undefined) return batchSize
    const array = arrays[target]!
    let count = 0
    for (const value of array) if (value !== ignoredTarget) count++
    return count
  })
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) {
    throw new DataError(
      `Batch: some position must have a target, got ${batches.length} batches without any`,
      {
        code: 'no-targets',
      },
    )
  }
  return counts.map((count) => count / total)
}
