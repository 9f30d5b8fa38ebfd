import { DataError } from '../../core/errors.ts'
import { elementCount, type HostTensor, type NamedTensors } from '../../core/hostTensor.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import { isOfLoss } from '../losses/stageMemory.ts'
import type { TensorStore } from '../parameters/tensorStore.ts'
import { neighboursName } from './neighbours.ts'
import { statePrefix } from './stateShapes.ts'
import type { SessionState } from './trainSessionState.ts'

interface StoredTensor {
  readonly shape: readonly number[]
  /** Where it is kept. */
  readonly store: Store
  /** Of what was read from there. */
  toHost(data: ReadonlyMap<Store, ReadonlyMap<string, Float32Array | Int32Array>>): HostTensor
  /** Throws what is wrong with it; what comes back puts it into its place. */
  accept(given: HostTensor): () => void
}

type Store = TensorStore | TensorStore<Int32Array>

/** What of a checkpoint is meant, beside the weights. */
interface Parts {
  readonly hasSlots: boolean
  readonly hasAverage: boolean
  /** What losses learn and keep. */
  readonly hasLosses: boolean
}

const all: Parts = { hasSlots: true, hasAverage: true, hasLosses: true }

/**
 * Weights, then `optimizer.<slot>.<weight>`, `loss.<loss>.<part>` and `ema.<weight>`: everything that a checkpoint
 * holds.
 */
function namedTensors(
  { weights, stage }: SessionState,
  { hasSlots, hasAverage, hasLosses }: Parts,
): Map<string, StoredTensor> {
  const { updater, average, lossStates } = stage
  const named = new Map<string, StoredTensor>()
  const add = <A extends Float32Array | Int32Array>(store: TensorStore<A>, prefix: string, kind: Kind<A>) => {
    for (const { name: key, shape } of store.layout.places.values()) {
      if (isOfLoss(key) && !hasLosses) continue
      const name = `${prefix}${key}`
      named.set(name, {
        shape,
        store: store as Store,
        toHost: (data) => ({
          dtype: kind.dtype,
          shape: [...shape],
          data: data.get(store as Store)!.get(key)!,
        }),
        accept(given) {
          const values = kind.take(name, given)
          return () => store.write(key, values)
        },
      })
    }
  }
  add(weights, '', floats)
  if (hasSlots) updater.slots.forEach((store, slot) => add(store, statePrefix.slot(slot), floats))
  if (hasLosses) {
    add(lossStates.floats, '', floats)
    add(lossStates.integers, '', integers)
  }
  if (hasAverage && average !== null) add(average.store, statePrefix.average, floats)
  return named
}

/** Copies on the host, of one moment: all reads are submitted at once. */
export async function exportTensors(state: SessionState): Promise<NamedTensors> {
  const named = namedTensors(state, all)
  const stores = new Set([...named.values()].map(({ store }) => store))
  const data = new Map(
    await Promise.all([...stores].map(async (store) => [store, await store.read()] as const)),
  )
  return new Map([...named].map(([name, stored]) => [name, stored.toHost(data)]))
}

function refuse(code: string, message: string, remedy: string): DataError {
  return new DataError(`Checkpoint: ${message}`, { code, remedy })
}

function list(names: readonly string[]): string {
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`
}

/** The file's tensors under our whole names, without what is not asked for. Their layouts are ours: see `hubStart` for others. */
function canonical(
  state: SessionState,
  tensors: NamedTensors,
  { hasSlots, hasAverage, hasLosses }: Parts,
): Map<string, HostTensor> {
  const found = new Map<string, HostTensor>()
  for (const [given, value] of tensors) {
    if (given === neighboursName) continue
    const isState = /^(optimizer|loss|ema)\./.test(given)
    const isOfAverage = given.startsWith(statePrefix.average)
    const isOfLosses = isOfLoss(isOfAverage ? given.slice(statePrefix.average.length) : given)
    if (isOfLosses ? !hasLosses : isState && !hasSlots && !(hasAverage && isOfAverage)) continue
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

/** `given`: weights and learned numbers of losses, of which those that are not given stay as they are. */
export type Imported = 'all' | 'weights' | 'given'

/**
 * Takes over a checkpoint's tensors, all or none. `weights` leaves the optimizer's tensors and
 * what belongs to losses alone; an average of weights is
 * that of the checkpoint, or begins anew. Strict, but for what `given` leaves out: throws `missing-tensors`, `unexpected-tensors`, `tensor-shape`, `tensor-dtype`, `duplicate-tensor`, `tied-tensor-differs`.
 */
export function importTensors(state: SessionState, tensors: NamedTensors, what: Imported): void {
  const { average } = state.stage
  const isAveraged = [...tensors.keys()].some((name) => name.startsWith(statePrefix.average))
  const hasAverage = average !== null && isAveraged && what === 'weights'
  const parts = what === 'all' ? all : { hasSlots: false, hasAverage, hasLosses: what === 'given' }
  const wanted = namedTensors(state, parts)
  const found = canonical(state, tensors, parts)
  dropAliases(state, found)
  const sameModel = 'Choose the settings that the checkpoint was trained with.'
  const missing = [...wanted.keys()].filter((name) => !found.has(name))
  if (missing.length > 0 && what !== 'given')
    throw refuse('missing-tensors', `must hold ${list(missing)}, got none`, sameModel)
  const unexpected = [...found.keys()].filter((name) => !wanted.has(name))
  if (unexpected.length > 0)
    throw refuse(
      'unexpected-tensors',
      `must hold the model’s tensors only, got ${list(unexpected)}`,
      sameModel,
    )
  const places = [...found].map(([name, given]) => {
    const { shape, accept } = wanted.get(name)!
    const isFitting =
      given.shape.length === shape.length && given.shape.every((size, axis) => size === shape[axis])
    if (!isFitting || given.data.length !== elementCount(shape)) {
      throw refuse(
        'tensor-shape',
        `${name} must be [${shape.join(', ')}], got [${given.shape.join(', ')}]`,
        sameModel,
      )
    }
    return accept(given)
  })
  places.forEach((write) => write())
  if (!parts.hasAverage) average?.begin()
}

/** A weight's numbers, for this session to keep. Whole numbers and booleans are never weights: `tensor-dtype`. */
function weightData(name: string, tensor: HostTensor): Float32Array {
  if (!/^(?:b?float)/.test(tensor.dtype))
    throw wrongType(
      name,
      tensor,
      'floating-point numbers',
      'Save the weights as float32, float16 or bfloat16.',
    )
  const data = toFloat32(tensor)
  return data === tensor.data ? data.slice() : data
}

function integerData(name: string, tensor: HostTensor): Int32Array {
  if (tensor.dtype === 'int32' && tensor.data instanceof Int32Array) return tensor.data.slice()
  throw wrongType(name, tensor, 'whole numbers of 32 bits', 'Save it as int32.')
}

function wrongType(name: string, { dtype }: HostTensor, wanted: string, remedy: string): DataError {
  return new DataError(`Tensor ${name}: must hold ${wanted}, got ${dtype}`, {
    code: 'tensor-dtype',
    remedy,
    details: { name, dtype },
  })
}

/** How a store's numbers stand on the host. */
interface Kind<A> {
  readonly dtype: 'float32' | 'int32'
  take(name: string, tensor: HostTensor): A
}

const floats: Kind<Float32Array> = { dtype: 'float32', take: weightData }
const integers: Kind<Int32Array> = { dtype: 'int32', take: integerData }
