import { DataError } from '../../core/errors.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import { showValue } from '../../core/showValue.ts'
import type { ModelSpec } from '../models/defineModel.ts'
import type { HubConfig } from '../models/hub/hubArchitecture.ts'
import { HubFile } from '../models/hub/hubFile.ts'
import type { ConfigRecord } from '../ops/typedConfig.ts'
import { modelInFile } from './hubStart.ts'

/** What somebody's file tells of the run that can begin with it. */
export interface HubSettings {
  readonly model: ModelSpec
  /** Of the model, not checked yet. */
  readonly settings: ConfigRecord
  /** Of its images; null where it reads none. */
  readonly images: { readonly side: number; readonly channels: number } | null
  /** Rows of its table of tokens; null where it reads none. */
  readonly vocabSize: number | null
  /** Names of its tensors, as `hubTable` has them. */
  readonly names: ReadonlySet<string>
  /** Settings that nothing told, with what is usual. */
  readonly assumed: readonly string[]
}

/**
 * The model that a file of Hugging Face's is of, and its settings; null where no table of names knows it.
 *
 * @param configFile what stands in the `config.json` beside it; null where there is none
 * @throws DataError `weights-mismatch` where a tensor that tells a size is missing, or `config.json` is another model's
 */
export function hubSettings(
  name: string,
  tensors: NamedTensors,
  configFile: HubConfig | null,
): HubSettings | null {
  const model = modelInFile(tensors)
  const hub = model?.hub ?? null
  if (model === null || hub === null) return null
  const type = configFile?.['model_type']
  if (type !== undefined && type !== hub.modelType)
    throw new DataError(
      `${name}: holds a ${hub.title}, and the config.json beside it is of the model type ${showValue(type)}`,
      {
        code: 'weights-mismatch',
        remedy: `Take the config.json that belongs to the file, or none. Nothing was stored.`,
      },
    )
  const ours: NamedTensors = new Map()
  for (const [given, tensor] of tensors) {
    const own = model.importName(given)
    if (own !== null) ours.set(own, tensor)
  }
  const file = new HubFile(name, ours, configFile ?? {})
  const settings = hub.settings(file)
  return {
    model,
    settings,
    images: hub.images?.(file) ?? null,
    vocabSize: hub.words === undefined ? null : file.size(hub.words, 0),
    names: new Set(ours.keys()),
    assumed: file.assumed,
  }
}
