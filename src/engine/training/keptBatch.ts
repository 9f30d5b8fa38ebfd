import type { KeptBatch } from '../../core/taskView.ts'
import { losses } from '../losses/registry.ts'
import { tasks } from '../tasks/registry.ts'
import type { RunContext } from './runContext.ts'
import type { Batch } from './trainStepBatch.ts'
import type { TrainEvent } from './types.ts'

/** Of a batch that is kept, so many items are shown. */
const mostShown = 16
/** Each loss takes a pass of its own: of larger updates there are none. */
const mostMeasured = 256

type Told = Pick<RunContext, 'config' | 'data' | 'progress' | 'session' | 'stage'>

/** What an update before now learned from; null where the batch was made of neighbours that were found anew since then. */
export async function* keptBatch(context: Told, step: number): AsyncGenerator<TrainEvent, KeptBatch | null> {
  const { data, progress, stage } = context
  const { batchSize, accumulationSteps } = stage
  const refreshedAt = data.refresh ? progress.step - (progress.step % data.refresh.every) : 0
  if (step - 1 < refreshedAt) return null
  const request = {
    step: step - 1,
    stageIndex: progress.stageIndex,
    // Of this stage, too: what is told of is seen in its losses alone.
    stageStep: progress.stageStep - (progress.step - (step - 1)),
    batchSize,
    accumulationSteps,
    neighbours: progress.neighbours,
  }
  const { of, places } = data.trainItems(request)
  const isMeasured = places.length <= mostMeasured && areItemsAlone(context)
  const measured = isMeasured ? yield* itemLosses(context, request) : null
  const order = places.map((_, row) => row)
  // Stable, and what is no number is the worst.
  if (measured !== null) order.sort((a, b) => worth(measured[b]!) - worth(measured[a]!) || a - b)
  const sorted = order.map((row) => places[row]!)
  const items = sorted.slice(0, mostShown).flatMap((place) => data.trainItem(place) ?? [])
  return {
    step,
    of,
    places: sorted,
    ...(measured && { losses: order.map((row) => measured[row]!), lossesAt: progress.step }),
    shown: items.map(({ view }) => view),
    targets: items.map(({ target }) => target),
  }
}

const worth = (loss: number) => (Number.isFinite(loss) ? loss : Number.MAX_VALUE)

/** Whether the loss of a batch is the mean of those of its items. */
function areItemsAlone({ config, data, stage }: Told): boolean {
  const arrays = Object.values(tasks.get(config.task).arrays(data.facts, config))
  const kinds = stage.losses.map(({ name }) => losses.get(name).accepts)
  return (
    kinds.every((kind) => kind === 'classes' || kind === 'values' || kind === 'binary') &&
    !arrays.some((spec) => spec.namesRows)
  )
}

/** As the update saw them, but without dropout and by the weights of now. */
async function* itemLosses(
  { data, session, stage }: Told,
  request: Omit<Parameters<RunContext['data']['trainBatch']>[0], 'microStep'>,
): AsyncGenerator<TrainEvent, number[]> {
  const { batchSize, accumulationSteps } = stage
  const total = batchSize * accumulationSteps
  const found: number[] = []
  for (let microStep = 0; microStep < accumulationSteps; microStep++) {
    const batch = data.trainBatch({ ...request, microStep })
    for (let row = 0; row < batchSize; row++) {
      yield { type: 'phase', phase: { name: 'evaluating', done: found.length, total, unit: '' } }
      found.push((await session.evaluate(filledWith(batch, row))).loss)
    }
  }
  return found
}

/** A batch of one item again and again: of the size that is compiled already, and its mean is that item's loss. */
function filledWith({ arrays, batchSize }: Batch, row: number): Batch {
  const filled = Object.entries(arrays).map(([name, array]) => {
    const perItem = array.length / batchSize
    const own = array.subarray(row * perItem, (row + 1) * perItem)
    const copies = array.slice()
    for (let at = 0; at < array.length; at += perItem) copies.set(own, at)
    return [name, copies]
  })
  return { arrays: Object.fromEntries(filled) as Batch['arrays'], batchSize }
}
