import { canonicalJson } from '../src/core/canonicalJson.ts'
import { createRunSchema, parseRunConfig } from '../src/core/runConfig.ts'
import { writeSafetensors } from '../src/core/safetensors/write.ts'
import { hubExport } from '../src/engine/training/hubExport.ts'
import { createCatalog } from './catalog.ts'
import { codingOf } from './checkpointCoding.ts'
import { decodeRunCheckpoint } from './checkpointOfRun.ts'

export type WeightNames = 'huggingface' | 'own'

/** Files for others to load a model from. */
export interface ModelFiles {
  /** Of a `.safetensors` file. */
  weights: Uint8Array<ArrayBuffer>
  /** Of the `config.json` with which `transformers` reads it; null where the weights have the model's own names. */
  configFile: string | null
  notices: readonly string[]
}

/**
 * A checkpoint's model without what training keeps beside it. Equal checkpoints give equal bytes.
 *
 * @throws DataError `checkpoint-…`, `safetensors-…`, `missing-tensors`; ConfigError `invalid-config`
 */
export function exportModel(bytes: Uint8Array, names: WeightNames): ModelFiles {
  const { checkpoint, progress } = decodeRunCheckpoint(bytes, null)
  const config = parseRunConfig(createRunSchema(createCatalog()), checkpoint.config)
  const { facts } = codingOf(checkpoint)
  const trained = { config, facts, tensors: checkpoint.tensors, stageIndex: progress.stageIndex }
  const exported = hubExport(trained, names)
  const { configFile } = exported
  return {
    // Without the format's name `transformers` does not know whose layouts these are.
    weights: writeSafetensors(exported.tensors, { format: 'pt' }),
    configFile: configFile && `${JSON.stringify(JSON.parse(canonicalJson(configFile)), null, 2)}\n`,
    notices: exported.notices,
  }
}
