import type { NamedTensors } from '../../../core/hostTensor.ts'

/** What was seen of the parts of a model that learn side by side, at a checkpoint. */
export interface TowerReading {
  readonly step: number
  /** Of each tower: how far its weights went since the reading before, as a share of their length. */
  readonly moved: Readonly<Record<string, number>>
  /** Root of the sum of squared gradients that the optimizer averages, where it does; empty where not. */
  readonly gradients: Readonly<Record<string, number>>
}

/** Weights of a reading, to compare the next one with. */
export interface TowerWeights {
  readonly step: number
  readonly tensors: NamedTensors
}

/** Prefix of the optimizer's averages of squared gradients, of Adam and its kin. */
const squares = 'optimizer.v.'

/**
 * @param towers beginnings of names, each of one tower
 * @param before tensors of an earlier update
 */
export function readTowers(
  towers: readonly string[],
  { step, tensors }: TowerWeights,
  before: NamedTensors,
): TowerReading {
  const [moved, gradients]: Record<string, number>[] = [{}, {}]
  for (const tower of towers) {
    let [distance, length, squared] = [0, 0, 0]
    for (const [name, { data }] of tensors) {
      if (name.startsWith(squares + tower)) for (const value of data) squared += Number(value)
      if (!name.startsWith(tower)) continue
      const old = before.get(name)?.data
      if (old === undefined) continue
      for (let i = 0; i < data.length; i++) {
        const [now, then] = [Number(data[i]), Number(old[i])]
        distance += (now - then) ** 2
        length += then ** 2
      }
    }
    if (length > 0) moved![tower] = Math.sqrt(distance / length)
    if (squared > 0) gradients![tower] = Math.sqrt(squared)
  }
  return { step, moved: moved!, gradients: gradients! }
}
