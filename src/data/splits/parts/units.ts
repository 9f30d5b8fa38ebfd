import { Generator } from '../../../core/rng.ts'
import { DataError } from '../../../core/errors.ts'
import { Groups } from '../../doctor/duplicates/groups.ts'

/** Items that stay on one side, in order. */
export type Unit = readonly number[]

/** Items that share a key in any of some lists are one unit; an empty key is shared by none. Units by their first item. */
export function unitsOf(count: number, ...lists: readonly (readonly string[])[]): Unit[] {
  const groups = new Groups(count)
  for (const keys of lists) {
    const first = new Map<string, number>()
    keys.forEach((key, item) => {
      if (key === '') return
      const known = first.get(key)
      if (known === undefined) first.set(key, item)
      else groups.join(known, item)
    })
  }
  return groups.each()
}

/** In an order that the seed decides. */
export function shuffled<T>(units: readonly T[], seed: number): T[] {
  return Array.from(new Generator(seed, 'split').permutation(units.length), (place) => units[place]!)
}

/**
 * Units until `wanted` items are together; one that would be too much is passed over.
 * @returns items of the units taken, and how many they are
 */
export function takeUnits(units: readonly Unit[], wanted: number): number[] {
  const taken: number[] = []
  // One by one: a unit may have more items than a call takes arguments.
  for (const unit of units)
    if (taken.length + unit.length <= wanted) for (const item of unit) taken.push(item)
  return taken
}

/** The first of the smallest ones. */
export function smallestUnit(units: readonly Unit[]): Unit {
  return units.reduce((least, unit) => (unit.length < least.length ? unit : least))
}

/** How many items of some units have another of the same content, in words; none where none has. */
export function sameContentNotice(units: readonly Unit[]): string[] {
  const copies = units.filter(({ length }) => length > 1)
  const items = copies.reduce((sum, { length }) => sum + length, 0)
  if (items === 0) return []
  const contents = copies.length === 1 ? 'one content' : `${copies.length} contents`
  return [
    `${items} items hold only ${contents} between them: those that hold the same were kept on one side.`,
  ]
}

/** For items that cannot be parted. */
export function oneUnit(count: number, why: string, remedy: string): DataError {
  return new DataError(`Split: its ${count} items cannot be parted, since ${why}`, {
    code: 'split-inseparable',
    remedy,
    details: { items: count },
  })
}
