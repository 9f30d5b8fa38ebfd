import { namingFile } from '../src/core/errors.ts'
import { createRunSchema, parseRunConfig } from '../src/core/runConfig.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { createCatalog } from './catalog.ts'
import { checkImport } from './checkImport.ts'
import { decodeRunCheckpoint } from './checkpointOfRun.ts'
import type { ImportedRun } from './protocol.ts'
import { storeImported } from './storeImported.ts'

/**
 * A dropped `.safetensors` file that Bunsen saved becomes a run that can be continued, sampled from and downloaded again.
 * Nothing is stored unless all of it is sound.
 *
 * @param fileName as it may be shown
 * @throws DataError `safetensors-…`, `checkpoint-…`, `weights-…`; ConfigError `invalid-config`; StorageError
 */
export async function importCheckpoint(
  db: BunsenDatabase,
  fileName: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<ImportedRun> {
  const { checkpoint, progress, branch } = namingFile(fileName, () => decodeRunCheckpoint(bytes, null))
  const config = parseRunConfig(createRunSchema(createCatalog()), checkpoint.config)
  checkImport(fileName, config, checkpoint)
  const name = `${config.name || fileName.replace(/\.safetensors$/i, '')} (imported)`
  const runId = await storeImported(db, { fileName, name, config, progress, bytes, branch, notices: [] })
  return { runId, name, notices: [] }
}
