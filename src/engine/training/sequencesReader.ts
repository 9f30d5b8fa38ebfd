import type { Functions } from './functions.ts'
import { shapeOf } from './sessionFunctions.ts'
import type { SessionState } from './trainSessionState.ts'
import { checkBatch, type Batch } from './trainStepBatch.ts'
import { writingArrays, type WritingFunctions } from './writingFunctions.ts'

type Arrays = Readonly<Record<(typeof writingArrays)[number], Int32Array>>

/** Whose keys and values are kept. */
interface Kept {
  readonly of: WritingFunctions
  readonly arrays: Arrays
  /** Of so many places of each. */
  readonly length: number
}

/**
 * Says what comes next in sequences that are written side by side, each from a text of its own. The texts are read once, with
 * the first tokens; then one token of each is read at a time, as long as every sequence goes on from one that was read before:
 * from itself, or from another beam of the same text.
 */
export class SequencesReader {
  readonly #state: SessionState
  readonly #functions: Functions
  #kept: Kept | null = null

  constructor(state: SessionState, functions: Functions) {
    this.#state = state
    this.#functions = functions
  }

  /** Whenever weights have changed. */
  forget(): void {
    this.#kept = null
  }

  /** float32 [B * V]: scores of what follows place `row` of each of the batch's `targetIds`. @throws DataError */
  async next(batch: Batch, row: number): Promise<Float32Array> {
    const { batchSize } = batch
    const arrays = writtenOf(this.#state, batch)
    const of = this.#functions.writer(shapeOf({ ...batch, arrays }))
    await Promise.all([of.whole.prepared(), of.kept?.token.prepared()])
    const seqLen = arrays.targetIds.length / batchSize
    const copies = { ...arrays, targetIds: arrays.targetIds.slice() }
    const parents = this.#kept?.of === of ? parentsOf(this.#kept, arrays, { batchSize, row }) : null
    const place = Int32Array.of(row)
    if (of.kept === null || parents === null) {
      this.#kept = { of, arrays: copies, length: seqLen }
      return of.whole.call({ ...arrays, row: place }, 0).read()
    }
    this.#kept = { of, arrays: copies, length: row + 1 }
    if (parents.some((parent, item) => parent !== item)) of.kept.reorder.call({ parents }, 0).discard()
    const tokens = Int32Array.from({ length: batchSize }, (_, item) => arrays.targetIds[item * seqLen + row]!)
    return of.kept.token.call({ ...arrays, targetIds: tokens, row: place }, 0).read()
  }
}

/** The batch's arrays that are read and written. @throws DataError where they do not fit the task */
export function writtenOf({ arraySpecs }: SessionState, batch: Batch): Arrays {
  const named = <T>(of: (name: (typeof writingArrays)[number]) => T) =>
    Object.fromEntries(writingArrays.map((name) => [name, of(name)])) as Record<
      (typeof writingArrays)[number],
      T
    >
  const arrays = named((name) => batch.arrays[name] as Int32Array)
  checkBatch(
    { ...batch, arrays },
    named((name) => arraySpecs[name]!),
  )
  return arrays
}

/**
 * For each sequence one of those that are kept with the same text and the same tokens before place `row`: itself where it
 * can be. null where one has none.
 */
function parentsOf(
  { arrays: kept, length }: Kept,
  arrays: Arrays,
  { batchSize, row }: { readonly batchSize: number; readonly row: number },
): Int32Array | null {
  const { texts, textMask, targetIds } = arrays
  if (row > length || !areEqual(texts, kept.texts) || !areEqual(textMask, kept.textMask)) return null
  const part = (all: Int32Array, item: number, count: number) => {
    const first = (item * all.length) / batchSize
    return all.subarray(first, first + count)
  }
  const readLen = texts.length / batchSize
  const goesOnFrom = (item: number, other: number): boolean =>
    areEqual(part(targetIds, item, row), part(kept.targetIds, other, row)) &&
    (item === other ||
      (areEqual(part(texts, item, readLen), part(texts, other, readLen)) &&
        areEqual(part(textMask, item, readLen), part(textMask, other, readLen))))
  const items = Array.from({ length: batchSize }, (_, item) => item)
  const parents = items.map((item) =>
    goesOnFrom(item, item) ? item : items.findIndex((other) => goesOnFrom(item, other)),
  )
  return parents.includes(-1) ? null : Int32Array.from(parents)
}

function areEqual(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
