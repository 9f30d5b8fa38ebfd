import type { DataKind } from './catalog.ts'
import { StorageError } from './errors.ts'
import type { Part, Prepared } from './prepared.ts'
import type { StepArray, StepValue } from './stepValue.ts'

const parts = ['train', 'validation', 'test'] as const

/** Prepared arrays as a step's value: `train/tokens`, `validation/labels`, … */
export function packPrepared({ kind, coding, notices, ...prepared }: Omit<Prepared, 'key'>): StepValue {
  const counts = parts.flatMap((name) => prepared[name]?.count ?? [])
  const arrays = parts.flatMap((name) =>
    Object.entries(prepared[name]?.arrays ?? {}).map(([array, data]): [string, StepArray] => [
      `${name}/${array}`,
      data,
    ]),
  )
  return { json: { kind, coding, counts, ...(notices && { notices }) }, arrays: Object.fromEntries(arrays) }
}

/** Throws StorageError `step-value` for a value of another shape. */
export function unpackPrepared({ json, arrays }: StepValue): Omit<Prepared, 'key'> {
  const { kind, coding, counts, notices } = (json ?? {}) as Partial<Pick<Prepared, 'coding' | 'notices'>> & {
    kind?: DataKind
    counts?: unknown
  }
  if (
    kind === undefined ||
    typeof coding?.facts !== 'object' ||
    !Array.isArray(counts) ||
    (counts.length !== parts.length && counts.length !== parts.length - 1)
  ) {
    throw new StorageError('Prepared data: what is stored is of another shape', {
      code: 'step-value',
      remedy: 'It is made anew.',
    })
  }
  const [train, validation, test] = counts.map((count, i): Part => {
    const name = parts[i]!
    const own = Object.entries(arrays).filter(([array]) => array.startsWith(`${name}/`))
    return {
      count: Number(count),
      arrays: Object.fromEntries(own.map(([array, data]) => [array.slice(name.length + 1), data])),
    }
  })
  const sizeBytes = Object.values(arrays).reduce((sum, { byteLength }) => sum + byteLength, 0)
  return {
    kind,
    coding,
    train: train!,
    validation: validation!,
    ...(test && { test }),
    sizeBytes,
    ...(notices && { notices }),
  }
}
