import { BunsenError } from '../../core/errors.ts'
import { reshape, slice, type Tensor1D } from '../backend/tfjs.ts'
import type { DeviceFunction } from '../graph/deviceFunction.ts'
import { plainPass } from '../models/modelInputs.ts'
import { StoredKeyValues, type KeyValueCache } from '../nn/keyValueCache.ts'
import type { Predict, TaskBatch, Writing } from '../tasks/defineTask.ts'
import {
  batchFeeds,
  createSessionFunction,
  type BatchShape,
  type FunctionSetting,
} from './sessionFunctions.ts'
import { evaluatedWeights, type SessionState } from './trainSessionState.ts'

/** Arrays that a task with `writing` reads. */
export const writingArrays = ['texts', 'textMask', 'targetIds'] as const

type Arrays = TaskBatch['arrays']
type Shape = Pick<FunctionShape, 'shape' | 'setting'>

interface FunctionShape {
  /** Of `writingArrays` only. */
  readonly shape: BatchShape
  readonly setting: FunctionSetting
  readonly isAttentionSeen: boolean
  readonly compute: (writing: Writing, predict: Predict, batch: TaskBatch, row: Tensor1D) => Tensor1D
}

/** What says what comes next in sequences that are written side by side: float32 [B * V]. */
export interface WritingFunctions {
  /** Reads them whole, and gives scores of what follows place `row` of each. */
  readonly whole: DeviceFunction<string>
  /** What goes on from those that were read before; null where the model keeps nothing of them. */
  readonly kept: {
    /** Reads one token of each, whose place is `row`. */
    readonly token: DeviceFunction<string>
    /** Sequence i goes on from what is kept of sequence `parents[i]`. What it gives means nothing. */
    readonly reorder: DeviceFunction<'parents'>
    /** Keys and values. */
    readonly sizeBytes: number
  } | null
  dispose(): void
}

/** @throws BunsenError `no-writing` */
export function createWritingFunctions(state: SessionState, sizes: Shape): WritingFunctions {
  const { shape, setting } = sizes
  const { batchSize, lengths } = shape
  const { model, config } = state
  const specs = model.caches(config.model, {
    batchSize,
    seqLen: lengths['targetIds']! / batchSize,
    memoryLen: lengths['texts']! / batchSize,
  })
  const next = (of: BatchShape, cacheAt: (row: Tensor1D) => KeyValueCache | null) =>
    createReading(state, {
      shape: of,
      setting,
      isAttentionSeen: false,
      compute: (writing, predict, batch, row) =>
        reshape(writing.next(predict, batch, { row, cache: cacheAt(row) }), [-1]),
    })
  if (specs.length === 0) {
    const whole = next(shape, () => null)
    return { whole, kept: null, dispose: () => whole.dispose() }
  }
  const values = new StoredKeyValues(specs)
  const whole = next(shape, () => values.ofAll())
  const token = next({ batchSize, lengths: { ...lengths, targetIds: batchSize } }, (row) => values.at(row))
  const reorder = createSessionFunction(state, {
    ...setting,
    feeds: { parents: { dtype: 'int32', length: batchSize } },
    run(inputs) {
      const [first] = values.reorder(inputs.tensor('parents'))
      return slice(reshape(first!, [-1]) as Tensor1D, 0, 1)
    },
  })
  return {
    whole,
    kept: { token, reorder, sizeBytes: values.sizeBytes },
    dispose() {
      for (const part of [whole, token, reorder]) part.dispose()
      values.dispose()
    },
  }
}

/** float32 [B * Tt * Ts]: what each place of what is written looks at. @throws BunsenError `no-writing` */
export function createAttentionFunction(state: SessionState, sizes: Shape): DeviceFunction<string> {
  return createReading(state, {
    ...sizes,
    isAttentionSeen: true,
    compute: (writing, predict, batch) => reshape(writing.attention(predict, batch), [-1]),
  })
}

/** A function of what is read, of what is written, and of a place in it. */
function createReading(
  state: SessionState,
  { shape, setting, isAttentionSeen, compute }: FunctionShape,
): DeviceFunction<string> {
  const { model, config, facts, task } = state
  const { writing } = task
  if (writing === undefined)
    throw new BunsenError(`Task ${task.id}: must write texts, and does not`, { code: 'no-writing' })
  return createSessionFunction<string>(state, {
    ...setting,
    feeds: { ...batchFeeds(state, shape), row: { dtype: 'int32', length: 1 } },
    run(inputs) {
      const { variables } = evaluatedWeights(state)
      const pass = { ...plainPass, areLogitsInParts: !isAttentionSeen, isAttentionSeen }
      const predict: Predict = (request) => model.forward(config.model, variables, request, pass)
      const arrays: Arrays = Object.fromEntries(writingArrays.map((name) => [name, inputs.tensor(name)]))
      return compute(writing, predict, { arrays, batchSize: shape.batchSize, facts }, inputs.tensor('row'))
    },
  })
}
