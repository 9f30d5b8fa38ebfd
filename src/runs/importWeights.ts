import type { DroppedFile, ImportedRun, WeightsRequest } from '../../workers/protocol.ts'
import { toPlainError } from '../core/errors.ts'
import type { RunConfig } from '../core/runConfig.ts'
import { prepareRun } from './prepareRun.ts'
import type { Workers } from './workerClient.ts'

/** What a run of somebody's weights can be laid out by. */
export type WeightsBases = Pick<WeightsRequest, 'draft' | 'presets'>

export interface WeightsFiles extends Pick<WeightsRequest, 'file' | 'configFile'> {
  /** A `tokenizer.json`. */
  readonly tokenizer: File | null
}

/** One file of weights, with what people keep beside it; null where the files are something else. */
export function weightsIn(files: readonly DroppedFile[]): WeightsFiles | null {
  const named = files.map(({ file }) => ({ file, name: file.name.toLowerCase() }))
  const weights = named.filter(({ name }) => name.endsWith('.safetensors'))
  const isBeside = (name: string) => name.endsWith('.json') || /^(vocab|merges)\.txt$/.test(name)
  if (weights.length !== 1 || !named.every(({ name }) => name === weights[0]!.name || isBeside(name)))
    return null
  const fileOf = (wanted: string) => named.find(({ name }) => name === wanted)?.file ?? null
  return { file: weights[0]!.file, configFile: fileOf('config.json'), tokenizer: fileOf('tokenizer.json') }
}

/**
 * A run of a file that Bunsen saved, or one that begins with somebody's weights; null where it holds neither: others save
 * arrays of pictures or rows in the same format.
 */
export async function importWeights(
  workers: Pick<Workers, 'train' | 'data'>,
  { tokenizer, ...given }: WeightsFiles,
  bases: WeightsBases,
): Promise<ImportedRun | null> {
  const { train } = workers
  try {
    return await train.importCheckpoint(given.file)
  } catch (error) {
    if (toPlainError(error).code !== 'checkpoint-foreign') throw error
  }
  const plan = await train.weightsConfig({ ...given, ...bases, hasTokenizer: tokenizer !== null })
  if (plan === null) return null
  const { notices, readsTexts } = plan
  const config = readsTexts && tokenizer ? await cutUpBy(workers, plan.config, tokenizer) : plan.config
  const { preparedKey, preparedBytes } = await prepareRun(workers, config)
  return train.importWeights({ file: given.file, config, notices, preparedKey, preparedBytes })
}

async function cutUpBy({ data }: Pick<Workers, 'data'>, config: RunConfig, file: File): Promise<RunConfig> {
  const { name, sha256, sizeBytes } = await data.saveTokenizer(file)
  return { ...config, data: { ...config.data, tokenizer: { kind: 'file', name, sha256, sizeBytes } } }
}
