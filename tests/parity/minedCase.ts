import * as tf from '../../src/engine/backend/tfjs.ts'
import { allRows } from '../../src/engine/kernels/rowChunks.ts'
import { labelPairs, type LabelPairs } from '../../src/engine/losses/parts/labelPairs.ts'
import type { GoldenCase } from './goldenCase.ts'
import { toDevice } from './goldenTensor.ts'
import { asList, asNumbers, type Json } from './json.ts'

/** Who is who in a labelled batch, for what a miner makes of it. */
export interface Batch {
  readonly embeddings: tf.Tensor2D
  readonly pairs: LabelPairs
}

/**
 * The masks that `mine` makes of the case's batch, as lists of the places that each holds, by rows: `2,0` is row 2,
 * column 0.
 */
export async function minedPlaces<K extends string>(
  golden: GoldenCase,
  mine: (batch: Batch) => Readonly<Record<K, tf.Tensor>>,
): Promise<Record<K, string[]>> {
  const masks = tf.tidy(() => {
    const embeddings = toDevice(golden.input('embeddings')) as tf.Tensor2D
    const labels = toDevice(golden.input('labels')) as tf.Tensor1D
    return mine({ embeddings, pairs: labelPairs(labels, allRows(labels.size)) })
  })
  const places: Record<string, string[]> = {}
  for (const [name, mask] of Object.entries<tf.Tensor>(masks)) places[name] = await placesIn(mask)
  tf.dispose(masks)
  return places
}

/** Lists of indices of a file, written as {@link minedPlaces} does and in its order. */
export function asPlaces(value: Json, where: string): string[] {
  const indices = asList(value, where).map((place, i) => asNumbers(place, `${where}[${i}]`))
  const byRows = indices.toSorted((a, b) => a.map((index, axis) => index - b[axis]!).find(Boolean) ?? 0)
  return byRows.map(String)
}

async function placesIn(mask: tf.Tensor): Promise<string[]> {
  const held = await mask.data<'float32'>()
  const strides = mask.shape.map((_, axis) => mask.shape.slice(axis + 1).reduce((size, by) => size * by, 1))
  return [...held].flatMap((isHeld, index) =>
    isHeld ? [String(strides.map((stride, axis) => Math.floor(index / stride) % mask.shape[axis]!))] : [],
  )
}
