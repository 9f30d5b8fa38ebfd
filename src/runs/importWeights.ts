import type { DroppedFile } from '../core/droppedFile.ts'
import type { ImportedRun, WeightsFiles, WeightsRequest } from '../../workers/protocol.ts'
import type { RunConfig } from '../core/runConfig.ts'
import { weightsAmong } from '../core/weightsAmong.ts'
import { prepareRun } from './prepareRun.ts'
import type { Workers } from './workerClient.ts'

/** What a run of somebody's weights can be laid out by. */
export type WeightsBases = Pick<WeightsRequest, 'draft' | 'presets'>

/** One file of weights, with what people keep beside it, or a zip of these; null where the files are something else. */
export async function weightsIn(
  { data }: Pick<Workers, 'data'>,
  files: readonly DroppedFile[],
): Promise<WeightsFiles | null> {
  const [first] = files
  if (files.length === 1 && /\.zip$/i.test(first!.file.name)) return data.unzipWeights(first!.file)
  const found = weightsAmong(files, ({ file }) => file.name)
  return (
    found && {
      file: found.weights.file,
      configFile: found.config?.file ?? null,
      tokenizer: found.tokenizer?.file ?? null,
    }
  )
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
  const opened = await train.openWeights({ ...given, ...bases, hasTokenizer: tokenizer !== null })
  if (opened === null) return null
  if (opened.kind === 'run') return opened.run
  const { held, plan } = opened
  try {
    const { notices, readsTexts } = plan
    const config = readsTexts && tokenizer ? await cutUpBy(workers, plan.config, tokenizer) : plan.config
    const { preparedKey, preparedBytes } = await prepareRun(workers, config)
    return await train.importWeights({ held, config, notices, preparedKey, preparedBytes })
  } finally {
    await train.releaseWeights(held)
  }
}

async function cutUpBy({ data }: Pick<Workers, 'data'>, config: RunConfig, file: File): Promise<RunConfig> {
  const { name, sha256, sizeBytes } = await data.saveTokenizer(file)
  return { ...config, data: { ...config.data, tokenizer: { kind: 'file', name, sha256, sizeBytes } } }
}
