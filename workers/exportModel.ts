import { zipSync } from 'fflate'
import { canonicalJson } from '../src/core/canonicalJson.ts'
import { createRunSchema, parseRunConfig } from '../src/core/runConfig.ts'
import { writeSafetensors } from '../src/core/safetensors/write.ts'
import { hasTokenizerFile, tokenizerFile } from '../src/data/tokenizerFile.ts'
import { hubExport } from '../src/engine/training/hubExport.ts'
import { createCatalog } from './catalog.ts'
import { codingOf } from './checkpointCoding.ts'
import { decodeRunCheckpoint } from './checkpointOfRun.ts'

export type WeightNames = 'huggingface' | 'own'

/** Files for others to load a model from. */
export interface ModelFiles {
  /**
   * By name: `model.safetensors`, the `config.json` with which `transformers` reads it where the weights have its names, and
   * the `tokenizer.json` of a run with parts of words.
   */
  files: Record<string, Uint8Array<ArrayBuffer>>
  /** Class of `transformers`; null where the weights have the model's own names. */
  architecture: string | null
  step: number
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
  const { facts, tokenizer } = codingOf(checkpoint)
  const trained = { config, facts, tensors: checkpoint.tensors, stageIndex: progress.stageIndex }
  const exported = hubExport(trained, names)
  const { configFile, notices } = exported
  const files: ModelFiles['files'] = {
    // Without the format's name `transformers` does not know whose layouts these are.
    'model.safetensors': writeSafetensors(exported.tensors, { format: 'pt' }),
  }
  const text = new TextEncoder()
  if (configFile !== null)
    files['config.json'] = text.encode(`${JSON.stringify(JSON.parse(canonicalJson(configFile)), null, 2)}\n`)
  if (tokenizer !== null && hasTokenizerFile(tokenizer))
    files['tokenizer.json'] = text.encode(tokenizerFile(tokenizer))
  const [architecture = null] = (configFile?.['architectures'] ?? []) as string[]
  return { files, architecture, step: progress.step, notices }
}

/** The same as one file, not compressed: weights hardly are smaller then. */
export function zipModel({ files }: ModelFiles): Uint8Array<ArrayBuffer> {
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) }) as Uint8Array<ArrayBuffer>
}
