import { smallestUnit, takeUnits, type Unit } from './units.ts'

/**
 * Items of units that are kept apart: of each stratum its share, units whole, at least one unit of all.
 * @param order units in the order in which they are taken
 * @param stratumOf by place; items that hold the same and are of several count for that of their first
 * @param mostOwed items that a stratum could not give, and the next ones give for it, at most
 */
export function takeShares(
  order: readonly Unit[],
  { fraction, stratumOf, mostOwed }: { fraction: number; stratumOf(item: number): number; mostOwed: number },
): number[] {
  const strata = new Map<number, Unit[]>()
  for (const unit of order) {
    const of = stratumOf(unit[0]!)
    const own = strata.get(of)
    if (own) own.push(unit)
    else strata.set(of, [unit])
  }
  // What one class is owed by its share goes to the next, so that many small classes give as much as one large.
  let owed = 0
  const kept = [...strata.values()].flatMap((own) => {
    const size = own.reduce((sum, unit) => sum + unit.length, 0)
    owed += size * fraction
    // Of a class with one item nothing is kept: it would never be learned.
    const taken = takeUnits(own, Math.min(Math.round(owed), size - 1))
    owed = Math.min(mostOwed, owed - taken.length)
    return taken
  })
  return kept.length === 0 ? [...smallestUnit(order)] : kept
}
