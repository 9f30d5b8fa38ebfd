import { DataError } from '../../core/errors.ts'
import { elementCount, float32Tensor, type HostTensor, type NamedTensors } from '../../core/hostTensor.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import type { TensorStore } from '../parameters/tensorStore.ts'
import { statePrefix } from './stateShapes.ts'
import type { SessionState } from './trainSessionState.ts'

interface StoredTensor {
  readonly shape: readonly number[]
  /** Where it is kept, and under which name there. */
  readonly store: TensorStore
  readonly key: string
}

/** What of a checkpoint is meant, beside the weights. */
interface Parts {
  readonly hasSlots: boolean
  readonly hasAverage: boolean
}

const all: Parts = { hasSlots: true, hasAverage: true }

/** Weights, then `optimizer.<slot>.<weight>` and `ema.<weight>`: everything that a checkpoint holds. */
function namedTensors(
  { weights, stage }: SessionState,
  { hasSlots, hasAverage }: Parts,
): Map<string, StoredTensor> {
  const named = new Map<string, StoredTensor>()
  const add = (store: TensorStore, prefix: string): void => {
    for (const { name, shape } of store.layout.places.values())
      named.set(`${prefix}${name}`, { shape, store, key: name })
  }
  add(weights, '')
  if (hasSlots) stage.updater.slots.forEach((store, slot) => add(store, statePrefix.slot(slot)))
  if (hasAverage && stage.average !== null) add(stage.average.store, statePrefix.average)
  return named
}

/** Copies on the host, of one moment: all reads are submitted at once. */
export async function exportTensors(state: SessionState): Promise<NamedTensors> {
  const { updater, average } = state.stage
  const stores = [state.weights, ...updater.slots.values(), ...(average ? [average.store] : [])]
  const data = new Map(await Promise.all(stores.map(async (store) => [store, await store.read()] as const)))
  return new Map(
    [...namedTensors(state, all)].map(([name, { shape, store, key }]) => [
      name,
      float32Tensor([...shape], data.get(store)!.get(key)!),
    ]),
  )
}

function refuse(code: string, message: string, remedy: string): DataError {
  return new DataError(`Checkpoint: ${message}`, { code, remedy })
}

function list(names: readonly string[]): string {
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`
}

/** The file's tensors under our names, without what is not asked for. */
function canonical(
  state: SessionState,
  tensors: NamedTensors,
  { hasSlots, hasAverage }: Parts,
): Map<string, HostTensor> {
  const found = new Map<string, HostTensor>()
  for (const [given, value] of tensors) {
    const isState = /^(optimizer|loss|ema)\./.test(given)
    if (isState && !hasSlots && !(hasAverage && given.startsWith(statePrefix.average))) continue
    const name = isState ? given : state.model.importName(given)
    if (name === null) continue
    if (found.has(name))
      throw refuse('duplicate-tensor', `${name} must be there once, got it twice`, 'Export the model again.')
    found.set(name, value)
  }
  return found
}

/** Takes repeated tensors (a tied head) out of `found`. Throws `tied-tensor-differs` unless they are true copies. */
function dropAliases(state: SessionState, found: Map<string, HostTensor>): void {
  for (const [alias, target] of state.model.aliases(state.config.model)) {
    const copy = found.get(alias)
    const original = found.get(target)
    if (copy === undefined || original === undefined) continue
    const expected = weightData(target, original)
    const isSame =
      copy.data.length === expected.length &&
      weightData(alias, copy).every((x, i) => Object.is(x, expected[i]))
    if (!isSame) {
      throw refuse(
        'tied-tensor-differs',
        `${alias} must equal ${target} in a model with a tied head, got other values`,
        'Turn “Tied head” off in the model’s settings.',
      )
    }
    found.delete(alias)
  }
}

/**
 * Takes over a checkpoint's tensors, all or none. `weights` leaves the optimizer's tensors alone; an average of weights is
 * that of the checkpoint, or begins anew. Strict: throws `missing-tensors`, `unexpected-tensors`, `tensor-shape`, `tensor-dtype`, `duplicate-tensor`, `tied-tensor-differs`.
 */
export function importTensors(state: SessionState, tensors: NamedTensors, what: 'all' | 'weights'): void {
  const { average } = state.stage
  const isAveraged = [...tensors.keys()].some((name) => name.startsWith(statePrefix.average))
  const parts = what === 'all' ? all : { hasSlots: false, hasAverage: average !== null && isAveraged }
  const wanted = namedTensors(state, parts)
  const found = canonical(state, tensors, parts)
  dropAliases(state, found)
  const sameModel = 'Choose the settings that the checkpoint was trained with.'
  const missing = [...wanted.keys()].filter((name) => !found.has(name))
  if (missing.length > 0) throw refuse('missing-tensors', `must hold ${list(missing)}, got none`, sameModel)
  const unexpected = [...found.keys()].filter((name) => !wanted.has(name))
  if (unexpected.length > 0)
    throw refuse(
      'unexpected-tensors',
      `must hold the model’s tensors only, got ${list(unexpected)}`,
      sameModel,
    )
  const values = [...wanted].map(([name, { shape }]) => {
    const given = found.get(name)!
    const isFitting =
      given.shape.length === shape.length && given.shape.every((size, axis) => size === shape[axis])
    if (!isFitting || given.data.length !== elementCount(shape)) {
      throw refuse(
        'tensor-shape',
        `${name} must be [${shape.join(', ')}], got [${given.shape.join(', ')}]`,
        sameModel,
      )
    }
    return weightData(name, given)
  })
  ;[...wanted.values()].forEach(({ store, key }, i) => store.write(key, values[i]!))
  if (!parts.hasAverage) average?.begin()
}

/** A weight's numbers, for this session to keep. Whole numbers and booleans are never weights: `tensor-dtype`. */
function weightData(name: string, tensor: HostTensor): Float32Array {
  if (!/^(?:b?float)/.test(tensor.dtype)) {
    throw new DataError(`Tensor ${name}: must hold floating-point numbers, got ${tensor.dtype}`, {
      code: 'tensor-dtype',
      remedy: 'Save the weights as float32, float16 or bfloat16.',
      details: { name, dtype: tensor.dtype },
    })
  }
  const data = toFloat32(tensor)
  return data === tensor.data ? data.slice() : data
}
