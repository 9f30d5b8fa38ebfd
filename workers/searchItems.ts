import { DataError } from '../src/core/errors.ts'
import type { Prepared } from '../src/core/prepared.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import type { SearchQuery, SearchResult } from '../src/core/search.ts'
import { itemView } from '../src/data/itemView.ts'
import { queryPart } from '../src/data/queryPart.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import type { Measured } from '../src/engine/evaluation/defineMetric.ts'
import { bestMatches } from '../src/engine/evaluation/retrieval.ts'
import type { MeasuredBatch } from '../src/engine/tasks/defineTask.ts'
import { tasks } from '../src/engine/tasks/registry.ts'
import type { RunData } from '../src/engine/training/runContext.ts'
import { createTrainSession, type TrainSession } from '../src/engine/training/trainSession.ts'
import type { Checkpoint } from '../src/storage/checkpoint.ts'
import { nextTurn } from './eventLoop.ts'
import { runData } from './runData.ts'

export interface SearchJob {
  readonly config: RunConfig
  readonly checkpoint: Pick<Checkpoint, 'tensors'>
  /** Updates that made it. */
  readonly step: number
  readonly prepared: Prepared
  readonly device: EngineDevice
  readonly query: SearchQuery
  /** How many are wanted. */
  readonly count: number
  /** Gives what was made of the same items by the same weights before; left out where nobody asks twice. */
  readonly remember?: (make: () => Promise<HeldOut>) => Promise<HeldOut>
}

/** What a checkpoint makes of the held-out items: the same for every query. */
export interface HeldOut {
  readonly items: Measured['pairs']
  /** Where each stands in the validation part. */
  readonly places: readonly number[]
}

/**
 * The held-out pictures that fit some words best, or captions that fit a picture, by the vectors of a checkpoint.
 * @throws DataError `search-kind`, `prompt-unknown`, `picture-unreadable`
 */
export async function searchItems(job: SearchJob): Promise<SearchResult> {
  const { config, prepared, device, query, count, checkpoint, step, remember = (make) => make() } = job
  const { pairs } = tasks.get(config.task)
  if (pairs === undefined)
    throw new DataError(`Search: the task ${config.task} compares nothing`, {
      code: 'search-kind',
      remedy: 'Search in a run whose task is images and captions.',
    })
  const { part, unknown } = await queryPart(query, prepared.coding)
  const data = runData(prepared, config)
  const asked = runData({ ...prepared, validation: part }, config)
  const session = createTrainSession({ device, config, facts: data.facts })
  try {
    session.importState(checkpoint.tensors, 'weights')
    const { items, places } = await remember(async () => {
      const batches = await measured(session, data)
      return {
        items: pairs(batches),
        places: batches.flatMap(({ places: all, validItems }) => [...all!.subarray(0, validItems)]),
      }
    })
    const own = pairs(await measured(session, asked))
    const isByWords = query.kind === 'words'
    // Rows of the side that is asked with are the query's, those of the other the items'.
    const sides: Measured['pairs'] = isByWords ? { ...items, b: own.b } : { ...items, a: own.a }
    const matches = bestMatches(sides, { direction: isByWords ? 'b to a' : 'a to b', query: 0, count })
    const found = matches.map(({ item, cosine }) => {
      const view = data.validationItem(places[item]!)
      return { item: view, words: view?.kind === 'picture' ? (view.caption ?? '') : '', cosine }
    })
    const seen = isByWords ? null : withoutCaption(itemView(part, 0, prepared.coding))
    return { step, seen, unknown, total: places.length, found }
  } finally {
    session.dispose()
    device.trim()
  }
}

function withoutCaption(view: SearchResult['seen']): SearchResult['seen'] {
  return view?.kind === 'picture' ? { ...view, caption: '' } : view
}

/** All items of the validation part. */
async function measured(session: TrainSession, data: RunData): Promise<MeasuredBatch[]> {
  const { batchSize } = session.config.stages[0]!
  const count = data.validationBatches({ batchSize, most: Infinity })
  const batches: MeasuredBatch[] = []
  for (let index = 0; index < count; index++) {
    const batch = data.validationBatch({ index, count, batchSize })
    const { measured: numbers } = await session.evaluate(batch)
    const { arrays, validItems = batchSize, places = null } = batch
    batches.push({ arrays, batchSize, validItems, places, measured: numbers })
    await nextTurn()
  }
  return batches
}
