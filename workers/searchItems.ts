import { DataError } from '../src/core/errors.ts'
import type { Prepared } from '../src/core/prepared.ts'
import type { SearchQuery, SearchResult } from '../src/core/search.ts'
import { itemView } from '../src/data/itemView.ts'
import { queryPart } from '../src/data/queryPart.ts'
import type { StepRunner } from '../src/data/steps/stepRunner.ts'
import type { Measured } from '../src/engine/evaluation/defineMetric.ts'
import { bestMatches } from '../src/engine/evaluation/retrieval.ts'
import type { MeasuredBatch } from '../src/engine/tasks/defineTask.ts'
import { tasks } from '../src/engine/tasks/registry.ts'
import type { RunData } from '../src/engine/training/runContext.ts'
import { createTrainSession, type TrainSession } from '../src/engine/training/trainSession.ts'
import type { AskedCheckpoint } from './decidedBy.ts'
import { embeddingNode } from './embeddingStep.ts'
import { nextTurn } from './eventLoop.ts'
import { runData } from './runData.ts'

export interface SearchJob extends AskedCheckpoint {
  readonly prepared: Prepared
  readonly query: SearchQuery
  /** How many are wanted. */
  readonly count: number
  /** Finds vectors that were made before, and keeps them. */
  readonly runner: StepRunner
}

/**
 * The held-out pictures that fit some words best, or captions that fit a picture, by the vectors of a checkpoint.
 * @throws DataError `search-kind`, `prompt-unknown`, `picture-unreadable`
 */
export async function searchItems(job: SearchJob): Promise<SearchResult> {
  const { config, start, prepared, device, query, count, runner } = job
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
    if (start.tensors) session.importState(start.tensors, 'weights')
    const node = await embeddingNode(job, prepared, async () => {
      const batches = await measured(session, data)
      return {
        items: pairs(batches),
        places: Int32Array.from(
          batches.flatMap(({ places: all, validItems }) => [...all!.subarray(0, validItems)]),
        ),
      }
    })
    const { value, reports } = await runner.run(node)
    const { items, places } = value
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
    return { step: start.progress.step, seen, unknown, total: places.length, found, reports }
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
