import type { DataKind } from '../../core/catalog.ts'
import { DataError } from '../../core/errors.ts'
import type { Coding, Part, Prepared } from '../../core/prepared.ts'
import { sizeOf } from './sizeOf.ts'

/** Data of which nothing is learned: all of it stands where any part is looked for. */
export function allMeasured(made: {
  kind: DataKind
  part: Part
  coding: Coding
  notices: readonly string[]
}): Omit<Prepared, 'key'> {
  const { kind, part, coding, notices } = made
  return {
    kind,
    train: part,
    validation: part,
    test: part,
    coding,
    sizeBytes: sizeOf(part),
    ...(notices.length > 0 && { notices }),
  }
}

/**
 * Where names stand among those that a model can say.
 * @param what has them, for messages
 * @throws DataError `classes-unknown` with the first of those that it cannot
 */
export function placesAmong(known: readonly string[], names: readonly string[], what: string): Int32Array {
  const places = new Map(known.map((name, place) => [name, place]))
  const strange = [...new Set(names)].filter((name) => !places.has(name))
  if (strange.length === 0) return Int32Array.from(names, (name) => places.get(name)!)
  const listed = (all: readonly string[]) =>
    all
      .slice(0, 8)
      .map((name) => JSON.stringify(name.slice(0, 40)))
      .join(', ') + (all.length > 8 ? ` and ${all.length - 8} more` : '')
  throw new DataError(
    `${what}: must be classes that the model was trained to tell apart (${listed(known)}), got ${listed(strange)}`,
    {
      code: 'classes-unknown',
      remedy: 'Call them as the training data do, or leave the items of other classes out.',
      details: { classes: strange.length },
    },
  )
}

/** Throws DataError `data-other` for data that do not have what the model reads. */
export function lacking(message: string, remedy: string): DataError {
  return new DataError(message, { code: 'data-other', remedy })
}
