import { DataError } from '../src/core/errors.ts'
import { createRunSchema, parseRunConfig } from '../src/core/runConfig.ts'
import type { SearchResult } from '../src/core/search.ts'
import { StepRunner } from '../src/data/steps/stepRunner.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { loadPrepared } from '../src/storage/preparedStore.ts'
import { createStepStore } from '../src/storage/stepStore.ts'
import { createCatalog } from './catalog.ts'
import { decodeRunCheckpoint, missingCheckpoint } from './checkpointOfRun.ts'
import type { SearchRequest } from './protocol.ts'
import { searchItems } from './searchItems.ts'

const shown = 12
/**
 * The same from what is stored: a run's checkpoint, and what was made of its data. A search that follows another one has only
 * its query to look at.
 */
export async function searchStored(
  db: BunsenDatabase,
  device: EngineDevice,
  { runId, slot, query, codeVersion, ...at }: SearchRequest & { codeVersion: string },
): Promise<SearchResult> {
  const loaded = await loadCheckpoint(db, runId, slot)
  if (!loaded) throw missingCheckpoint(runId)
  const prepared = await loadPrepared(db, at)
  if (prepared === null)
    throw new DataError('Search: what was made of the data is not stored (any more)', {
      code: 'dataset-missing',
      remedy: 'Search again: it is made anew.',
    })
  const { checkpoint, ...start } = decodeRunCheckpoint(loaded.bytes, null)
  const config = parseRunConfig(createRunSchema(createCatalog()), checkpoint.config)
  const runner = new StepRunner(createStepStore(db))
  return searchItems({ config, start, prepared, device, codeVersion, query, count: shown, runner })
}
