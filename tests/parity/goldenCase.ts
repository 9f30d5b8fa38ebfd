import { Comparison, type Tolerance } from './comparison.ts'
import { asTensor, type GoldenTensor } from './goldenTensor.ts'
import { asNumber, asRecord, isRecord, type JsonRecord } from './json.ts'
import { Ledger } from './ledger.ts'
import { Unsupported } from './unsupported.ts'

/** Fields of files and cases that are for people. */
export const words = [
  'name',
  'what',
  'reference',
  'definition',
  'computed',
  'fields',
  'note',
  'notes',
  'why',
  'source',
  'seed',
  'float32_error_of_reference',
  'bfloat16_reference_differs_by',
]

/** One case of a golden file, and what the engine made of it. */
export class GoldenCase {
  readonly name: string
  readonly params: Ledger
  readonly inputs: Ledger
  readonly expected: Ledger
  readonly comparison = new Comparison()
  /** The whole record, for kinds with fields of their own. */
  readonly fields: Ledger
  readonly #tolerance: JsonRecord

  constructor(record: JsonRecord, name: string) {
    this.fields = new Ledger(record, '', ['params', 'inputs', 'expected', 'tolerance', ...words])
    this.name = name
    const part = (key: string) => new Ledger(record[key] === undefined ? {} : asRecord(record[key], key), key)
    this.params = part('params')
    this.inputs = part('inputs')
    this.expected = part('expected')
    this.#tolerance = record['tolerance'] === undefined ? {} : asRecord(record['tolerance'], 'tolerance')
  }

  input(name: string): GoldenTensor {
    return asTensor(this.inputs.take(name), this.inputs.where(name))
  }

  /** A parameter that must be there. */
  param(name: string): number {
    return asNumber(this.params.take(name), this.params.where(name))
  }

  /** A parameter that must have one of these values, the only ones that the engine knows. */
  choice<T extends string | number | boolean | null>(name: string, known: readonly T[]): T {
    const value = this.params.take(name)
    const found = known.find((option) => option === value)
    if (found !== undefined) return found
    throw new Unsupported(
      `${this.params.where(name)} is ${JSON.stringify(value)}, the engine has ${known.join(', ')}`,
    )
  }

  /** A parameter that is true or false, and may be left out. */
  flag(name: string, otherwise: boolean): boolean {
    return this.params.has(name) ? this.choice(name, [true, false]) : otherwise
  }

  /** `reduction`, a mean where it is not stated. */
  get isSummed(): boolean {
    return this.params.has('reduction') && this.choice('reduction', ['mean', 'sum']) === 'sum'
  }

  /** `tolerance.<name>`, or `tolerance.<name>.<key>`. Throws Unsupported where the file states none. */
  tolerance(name: string, key?: string): number {
    const found = this.toleranceIfThere(name, key)
    if (found !== null) return found
    throw new Unsupported(`tolerance.${key === undefined ? name : `${name}.${key}`} is not stated`)
  }

  toleranceIfThere(name: string, key?: string): number | null {
    const value = this.#tolerance[name]
    const own = key !== undefined && isRecord(value) ? value[key] : value
    return own === undefined || isRecord(own) ? null : asNumber(own, `tolerance.${name}`)
  }

  /** The general form `abs` and `rel`, of which one may be missing. */
  get closeness(): Tolerance {
    const abs = this.toleranceIfThere('abs')
    const rel = this.toleranceIfThere('rel')
    if (abs === null && rel === null) throw new Unsupported('tolerance.abs and tolerance.rel are not stated')
    return { abs: abs ?? 0, rel: rel ?? 0 }
  }

  /** Compares `expected.<name>`, a tensor. */
  compare(name: string, actual: ArrayLike<number>, tolerance: Tolerance): void {
    this.comparison.close(
      name,
      actual,
      asTensor(this.expected.take(name), this.expected.where(name)).values,
      tolerance,
    )
  }
}

/** What {@link GoldenCase.choice} takes for a table of names. */
export function namesOf<K extends string>(table: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(table) as K[]
}
