/**
 * The iterator helpers of ES2025 that jax-js uses and Node 20 lacks. Only the missing ones are added.
 */
export function provideIteratorHelpers(): void {
  const prototype: unknown = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))
  if (typeof prototype !== 'object' || prototype === null) return
  for (const [name, value] of Object.entries(helpers)) {
    if (name in prototype) continue
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true })
  }
}

type Source = Iterable<unknown>
type Visit = (value: unknown, index: number) => unknown

const helpers = {
  *map(this: Source, visit: Visit) {
    let index = 0
    for (const value of this) yield visit(value, index++)
  },
  *filter(this: Source, visit: Visit) {
    let index = 0
    for (const value of this) if (visit(value, index++)) yield value
  },
  *flatMap(this: Source, visit: Visit) {
    let index = 0
    for (const value of this) yield* visit(value, index++) as Source
  },
  *take(this: Source, count: number) {
    let left = count
    if (left <= 0) return
    for (const value of this) {
      yield value
      if (--left <= 0) return
    }
  },
  toArray(this: Source) {
    return [...this]
  },
  forEach(this: Source, visit: Visit) {
    let index = 0
    for (const value of this) visit(value, index++)
  },
  some(this: Source, visit: Visit) {
    let index = 0
    for (const value of this) if (visit(value, index++)) return true
    return false
  },
  every(this: Source, visit: Visit) {
    let index = 0
    for (const value of this) if (!visit(value, index++)) return false
    return true
  },
  find(this: Source, visit: Visit) {
    let index = 0
    for (const value of this) if (visit(value, index++)) return value
    return undefined
  },
  reduce(this: Source, visit: (sum: unknown, value: unknown) => unknown, ...start: [unknown?]) {
    const values = [...this]
    let sum = start.length > 0 ? start[0] : values.shift()
    for (const value of values) sum = visit(sum, value)
    return sum
  },
}
