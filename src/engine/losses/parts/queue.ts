import {
  add,
  cast,
  concat1d,
  concat2d,
  fill,
  gather,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  mean,
  mod,
  range,
  scalar,
  sub,
  where,
  zerosLike,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import type { StateSpec } from '../defineLoss.ts'

/** Rows of earlier steps, first in, first out. */
export interface Queue {
  /** [K, D] */
  readonly rows: Tensor2D
  /** int32 [K]: 1 more than the row's id; 0 in places that are empty as yet. */
  readonly places: Tensor1D
  /** int32 [1]: where the next row goes. */
  readonly pointer: Tensor1D
}

/** Where a batch does not fit before the queue's end: the rest begins at its start again, or is let go. */
export type QueueEnd = 'wrap' | 'truncate'

/** Stands for the id of rows without one; no row of a batch has it. */
const noId = 2 ** 30

export function queueState(
  size: number,
  width: number,
): Readonly<Record<'queue' | 'places' | 'pointer', StateSpec>> {
  return {
    queue: { shape: [size, width], dtype: 'float32', init: 'zeros' },
    places: { shape: [size], dtype: 'int32', init: 'zeros' },
    pointer: { shape: [1], dtype: 'int32', init: 'zeros' },
  }
}

/** Share of a queue's places that are not empty. @param places int32 [K] */
export function filledShare(places: Tensor1D): Scalar {
  return offTape(() => mean(cast(greater(places, 0), 'float32')) as Scalar)
}

/** Ids as `similarityLoss` sees them with `areExtraIdsSeen`, of a batch and after it the queue. */
export function queueIds(queue: Queue, ids: Tensor1D): Tensor1D {
  return concat1d([ids, sub(queue.places, scalar(1, 'int32'))])
}

/**
 * The queue after a batch, without gradients.
 * @param keys [B, D]
 * @param ids int32 [B], or null
 */
export function enqueued(queue: Queue, keys: Tensor2D, ids: Tensor1D | null, end: QueueEnd): Queue {
  const [size] = queue.rows.shape
  const [count] = keys.shape
  const all: Tensor1D = ids ?? fill([count], noId, 'int32')
  const step = { size, count, end }
  const taken = <T extends Tensor>(joined: () => T): T =>
    offTape(() => gather(joined(), sourcesOf(queue.pointer, step)))
  return {
    rows: taken(() => concat2d([keys, queue.rows], 0)),
    places: taken(() => concat1d([add(all, scalar(1, 'int32')), queue.places])),
    pointer: offTape(() => pointerAfter(queue.pointer, step)),
  }
}

interface Step {
  readonly size: number
  /** Rows of the batch. */
  readonly count: number
  readonly end: QueueEnd
}

/** int32 [K]: what stands in each place afterwards, as a row of the batch and after it the queue. */
function sourcesOf(pointer: Tensor1D, { size, count, end }: Step): Tensor1D {
  const place = range(0, size, 1, 'int32')
  // Of a batch that is longer than the queue only its last rows stay.
  const skipped = end === 'wrap' ? Math.max(count - size, 0) : 0
  const beyond = sub(place, pointer)
  const ahead = scalar(size * (1 + Math.ceil(skipped / size)) - skipped, 'int32')
  const offset = end === 'wrap' ? mod(add(beyond, ahead), scalar(size, 'int32')) : beyond
  const isNew = logicalAnd(greaterEqual(offset, 0), less(offset, count - skipped))
  return where(isNew, add(offset, scalar(skipped, 'int32')), add(place, scalar(count, 'int32')))
}

function pointerAfter(pointer: Tensor1D, { size, count, end }: Step): Tensor1D {
  const next: Tensor1D = add(pointer, scalar(count, 'int32'))
  if (end === 'wrap') return mod(next, scalar(size, 'int32'))
  return where(less(next, size), next, zerosLike(next))
}
