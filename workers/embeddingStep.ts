import type { Prepared } from '../src/core/prepared.ts'
import { defineStep } from '../src/data/steps/defineStep.ts'
import { madeNode, sourceNode, stepNode, type StepNode } from '../src/data/steps/stepNode.ts'
import type { Measured } from '../src/engine/evaluation/defineMetric.ts'
import { decidedBy, type AskedCheckpoint, type Decided } from './decidedBy.ts'

/** What a checkpoint makes of all held-out items: the same for every query. */
export interface HeldOut {
  readonly items: Measured['pairs']
  /** Where each stands in the validation part. */
  readonly places: Int32Array
}

/** Vectors of both sides of the held-out items, by the weights of a checkpoint. */
const embeddings = defineStep<
  Decided['settings'],
  { weights: () => Promise<HeldOut>; data: null; device: null },
  HeldOut
>({
  id: 'run/embeddings',
  title: 'Vectors of the held-out items',
  version: 1,
  codec: {
    pack: ({ items: { a, b, ids, width }, places }) => ({ json: { width }, arrays: { a, b, ids, places } }),
    unpack({ json, arrays: { a, b, ids, places } }) {
      const { width } = json as { width: number }
      const items = { a: a as Float32Array, b: b as Float32Array, ids: ids as Int32Array, width }
      return { items, places: places as Int32Array }
    },
  },
  run: ({ inputs }) => inputs.weights(),
})

/**
 * The vectors of a checkpoint, known by what `decidedBy` says and by the prepared data.
 * @param make computes them; asked only where they are not stored
 */
export async function embeddingNode(
  checkpoint: AskedCheckpoint,
  { key }: Pick<Prepared, 'key'>,
  make: () => Promise<HeldOut>,
): Promise<StepNode<HeldOut>> {
  const decided = await decidedBy(checkpoint)
  return stepNode(embeddings, {
    config: decided.settings,
    inputs: {
      weights: sourceNode(decided.weights, make),
      data: madeNode(key, null),
      device: sourceNode(decided.device, null),
    },
  })
}
