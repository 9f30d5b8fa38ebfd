import { DataError } from '../../core/errors.ts'
import type { HostTensor, NamedTensors } from '../../core/hostTensor.ts'

/** Which items of the training part are nearest to each, by weights of an earlier step: kept with a checkpoint. */
export interface Neighbours {
  readonly perItem: number
  /** [N, perItem]: places, the nearest first; -1 after the last. */
  readonly items: Int32Array
}

/** Name in checkpoints; no weight has it. */
export const neighboursName = 'data.neighbours'

/** A checkpoint's tensors with them. */
export function withNeighbours(tensors: NamedTensors, neighbours: Neighbours | null): NamedTensors {
  if (neighbours === null) return tensors
  const { items, perItem } = neighbours
  const tensor: HostTensor = { dtype: 'int32', shape: [items.length / perItem, perItem], data: items }
  return new Map([...tensors, [neighboursName, tensor]])
}

/**
 * The same parted again: what comes from a file is checked.
 * @throws DataError `checkpoint-invalid`
 */
export function withoutNeighbours(tensors: NamedTensors): {
  tensors: NamedTensors
  neighbours: Neighbours | null
} {
  const found = tensors.get(neighboursName)
  if (found === undefined) return { tensors, neighbours: null }
  const { dtype, shape, data } = found
  const [count, perItem] = shape
  const isSound =
    dtype === 'int32' &&
    data instanceof Int32Array &&
    shape.length === 2 &&
    count! > 0 &&
    perItem! > 0 &&
    data.every((place) => place >= -1 && place < count!)
  if (!isSound)
    throw new DataError(
      `checkpoint: ${neighboursName} must hold places of items, got ${dtype} [${shape.slice(0, 8).join(', ')}]`,
      {
        code: 'checkpoint-invalid',
        remedy: 'The file is damaged: take another copy of it.',
        details: { field: neighboursName },
      },
    )
  const others = new Map([...tensors].filter(([name]) => name !== neighboursName))
  return { tensors: others, neighbours: { perItem: perItem!, items: data.slice() } }
}
