import { DataError, namingFile } from '../src/core/errors.ts'
import { createRunSchema, parseRunConfig } from '../src/core/runConfig.ts'
import { shownName } from '../src/core/shownName.ts'
import { decodeCheckpoint } from '../src/storage/checkpoint.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { createCatalog } from './catalog.ts'
import { checkImport } from './checkImport.ts'
import { decodeRunCheckpoint } from './checkpointOfRun.ts'
import type { ImportedRun } from './protocol.ts'
import { readFileBytes } from './readFileBytes.ts'
import { storeImported } from './storeImported.ts'

/**
 * A dropped `.safetensors` file that Bunsen saved becomes a run that can be continued, sampled from and downloaded again.
 * Nothing is stored unless all of it is sound. Somebody else's is `checkpoint-foreign`: see `importWeights`.
 *
 * @throws DataError `unreadable-file`, `safetensors-…`, `checkpoint-…`, `weights-…`; ConfigError `invalid-config`; StorageError
 */
export async function importCheckpoint(db: BunsenDatabase, file: File): Promise<ImportedRun> {
  const fileName = shownName(file.name)
  const bytes = await readFileBytes(file)
  const { checkpoint, progress, branch } = namingFile(fileName, () => {
    const decoded = decodeCheckpoint(bytes, { useViews: true })
    if (decoded.kind === 'bunsen') return decodeRunCheckpoint(bytes, null)
    throw new DataError(
      `a sound safetensors file with ${decoded.tensors.size} tensors, but not one that Bunsen saved`,
      { code: 'checkpoint-foreign' },
    )
  })
  const config = parseRunConfig(createRunSchema(createCatalog()), checkpoint.config)
  checkImport(fileName, config, checkpoint)
  const name = `${config.name || fileName.replace(/\.safetensors$/i, '')} (imported)`
  const runId = await storeImported(db, { fileName, name, config, progress, bytes, branch, notices: [] })
  return { runId, name, notices: [] }
}
