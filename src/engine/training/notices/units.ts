import type { NamedTensors } from '../../../core/hostTensor.ts'

/** Units of a layer that no gradient reaches. */
export interface DeadUnits {
  readonly layer: string
  readonly dead: number
  readonly units: number
}

/** Prefix of the optimizer's averages of gradients, which a unit without any leaves within some hundred updates. */
const averages = 'optimizer.m.'
/** Of the largest average of a layer: what a unit has left after about 150 updates of Adam without a gradient. */
const nothing = 1e-7
const fewestUnits = 8

/** Of each layer whose weights are [..., units], at a checkpoint; empty where the optimizer keeps no averages. */
export function readDeadUnits(tensors: NamedTensors): DeadUnits[] {
  const found: DeadUnits[] = []
  for (const [name, { data, shape }] of tensors) {
    const units = shape.at(-1) ?? 0
    if (!name.startsWith(averages) || shape.length < 2 || units < fewestUnits) continue
    const largest = new Float64Array(units)
    for (let i = 0; i < data.length; i++) {
      const size = Math.abs(Number(data[i]))
      if (size > largest[i % units]!) largest[i % units] = size
    }
    const most = largest.reduce((a, b) => Math.max(a, b), 0)
    // A frozen layer gets none at all.
    if (most === 0) continue
    const dead = largest.filter((value) => value <= nothing * most).length
    found.push({ layer: name.slice(averages.length).replace(/\.weight$/, ''), dead, units })
  }
  return found
}
