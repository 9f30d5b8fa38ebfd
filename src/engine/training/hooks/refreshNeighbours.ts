import { Generator } from '../../../core/rng.ts'
import { unitRows } from '../../evaluation/neighbours.ts'
import type { Measured } from '../../evaluation/defineMetric.ts'
import type { MeasuredBatch } from '../../tasks/defineTask.ts'
import { tasks } from '../../tasks/registry.ts'
import type { Hook, RunContext } from '../runContext.ts'
import type { TrainEvent } from '../types.ts'

/** Items among which neighbours are looked for at once: bounds memory, and time to so many products an item. */
const mostSearched = 4096
/** Items that are compared between two looks at messages. */
const perTurn = 64

/**
 * The items nearest to each item of the training part, by the weights of now, for the sampler that draws hard negatives. The
 * result is part of the run's progress and so of its checkpoints: a run that goes on from one has the same neighbours, which
 * weights of a later step could not give it.
 */
export default {
  name: 'refresh-neighbours',
  isDue: ({ data, progress }) => (data.refresh ?? null) !== null && progress.step % data.refresh!.every === 0,
  async *run(context) {
    const { data, progress, config } = context
    const { count, neighbours } = data.refresh!
    const { pairs } = tasks.get(config.task)
    if (pairs === undefined) return // refused where the data were read
    const found = new Int32Array(count * neighbours).fill(-1)
    const order = drawnOrder(count, new Generator(config.seed, 'order of searches'), progress.step)
    for (let first = 0; first < count; first += mostSearched) {
      const places = order.subarray(first, first + mostSearched)
      const vectors = pairs(yield* measure(context, places, first))
      const search = searchOf(vectors)
      for (let row = 0; row < places.length; row++) {
        const near = search(row, neighbours).map((other) => places[other]!)
        found.set(near, places[row]! * neighbours)
        if (row % perTurn === perTurn - 1) yield phaseOf(first + row, count)
      }
    }
    progress.neighbours = { perItem: neighbours, items: found }
  },
} satisfies Hook

/** A new order each time: who is compared with whom changes where not all are. */
function drawnOrder(count: number, generator: Generator, step: number): Int32Array {
  const keys = Uint32Array.from({ length: count }, (_, i) => generator.uint32(step, i))
  return Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => keys[a]! - keys[b]! || a - b)
}

function phaseOf(done: number, total: number): TrainEvent {
  return { type: 'phase', phase: { name: 'evaluating', done, total, unit: '' } }
}

/** What the model makes of some items, without dropout and augmentation. */
async function* measure(
  { session, stage, data }: RunContext,
  places: Int32Array,
  done: number,
): AsyncGenerator<TrainEvent, MeasuredBatch[]> {
  const { batchSize } = stage
  const { count, batch } = data.refresh!
  const batches: MeasuredBatch[] = []
  for (let first = 0; first < places.length; first += batchSize) {
    yield phaseOf(done + first, count)
    const validItems = Math.min(batchSize, places.length - first)
    // Filled up with the first ones: all batches have one size.
    const own = Int32Array.from({ length: batchSize }, (_, row) =>
      row < validItems ? places[first + row]! : places[row % places.length]!,
    )
    const { arrays } = batch(own)
    const { measured } = await session.evaluate({ arrays, batchSize, validItems, places: own })
    batches.push({ arrays, batchSize, validItems, places: own, measured })
  }
  return batches
}

/**
 * Rows that are nearest to a row and not the same text, the nearest first. Near is what either side could be mistaken for:
 * cos(a_i, b_j) + cos(a_j, b_i).
 */
export function searchOf({ a, b, ids, width }: Measured['pairs']): (row: number, most: number) => number[] {
  const [left, right] = [unitRows({ vectors: a, width }), unitRows({ vectors: b, width })]
  return (row, most) => {
    const best: { other: number; score: number }[] = []
    for (let other = 0; other < ids.length; other++) {
      if (ids[other] === ids[row]) continue
      let score = 0
      for (let i = 0; i < width; i++) {
        score += left[row * width + i]! * right[other * width + i]!
        score += left[other * width + i]! * right[row * width + i]!
      }
      if (best.length === most && score <= best[most - 1]!.score) continue
      let at = best.length
      while (at > 0 && best[at - 1]!.score < score) at--
      best.splice(at, 0, { other, score })
      if (best.length > most) best.pop()
    }
    return best.map(({ other }) => other)
  }
}
