import type { DroppedFile, ImportedRun, WeightsRequest } from '../../workers/protocol.ts'
import { toPlainError } from '../core/errors.ts'
import { prepareRun } from './prepareRun.ts'
import type { Workers } from './workerClient.ts'

/** What a run of somebody's weights can be laid out by. */
export type WeightsBases = Pick<WeightsRequest, 'draft' | 'presets'>

/** One file of weights, with what people keep beside it; null where the files are something else. */
export function weightsIn(files: readonly DroppedFile[]): Pick<WeightsRequest, 'file' | 'configFile'> | null {
  const named = files.map(({ file }) => ({ file, name: file.name.toLowerCase() }))
  const weights = named.filter(({ name }) => name.endsWith('.safetensors'))
  const isBeside = (name: string) => name.endsWith('.json') || /^(vocab|merges)\.txt$/.test(name)
  if (weights.length !== 1 || !named.every(({ name }) => name === weights[0]!.name || isBeside(name)))
    return null
  const configFile = named.find(({ name }) => name === 'config.json')
  return { file: weights[0]!.file, configFile: configFile?.file ?? null }
}

/**
 * A run of a file that Bunsen saved, or one that begins with somebody's weights; null where it holds neither: others save
 * arrays of pictures or rows in the same format.
 */
export async function importWeights(
  workers: Pick<Workers, 'train' | 'data'>,
  given: Pick<WeightsRequest, 'file' | 'configFile'>,
  bases: WeightsBases,
): Promise<ImportedRun | null> {
  const { train } = workers
  try {
    return await train.importCheckpoint(given.file)
  } catch (error) {
    if (toPlainError(error).code !== 'checkpoint-foreign') throw error
  }
  const plan = await train.weightsConfig({ ...given, ...bases })
  if (plan === null) return null
  const { preparedKey, preparedBytes } = await prepareRun(workers, plan.config)
  return train.importWeights({ file: given.file, ...plan, preparedKey, preparedBytes })
}
