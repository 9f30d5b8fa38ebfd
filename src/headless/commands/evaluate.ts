import { decodeRunCheckpoint } from '../../../workers/checkpointOfRun.ts'
import { evaluationNode } from '../../../workers/evaluationStep.ts'
import { codingOf } from '../../../workers/checkpointCoding.ts'
import { ConfigError } from '../../core/errors.ts'
import { otherData } from '../../../workers/otherData.ts'
import { measuredParts } from '../../core/evaluation.ts'
import { parseRunConfig, type RunConfig } from '../../core/runConfig.ts'
import { reportLines } from '../../core/stepWords.ts'
import { contentOf } from '../../data/preparing/content.ts'
import { StepRunner } from '../../data/steps/stepRunner.ts'
import type { Checkpoint } from '../../storage/checkpoint.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import {
  cacheFlag,
  checkFiles,
  checkVocabulary,
  loadData,
  prepareData,
  readFiles,
  readingFlags,
  readingOf,
  readingUsage,
  type LoadedData,
} from '../loadData.ts'
import { backendFlag, openDevice } from '../openDevice.ts'
import { runSchema } from '../resolveConfig.ts'
import { readCheckpointFile } from '../runDirectory.ts'
import { cacheBudget, openStepFolder } from '../stepFolder.ts'
import { readVersions } from '../versions.ts'

/** The metrics of a checkpoint, on the data that it was trained with or on other data of its kind. */
export default defineCommand({
  name: 'evaluate',
  summary: 'measures a checkpoint on the held-out part of its data',
  usage: [
    'evaluate CHECKPOINT|DIR [--part validation|test] [--data FILE]… [--backend webgpu|cpu] [--cache MEGABYTES]',
    'Prints one JSON object: {"step": …, "items": …, "validation/loss": …, …}. The validation part is measured by the batches',
    'that the run took, the test part whole, and so are other files than the run’s: all of them, as "test/loss" and so on,',
    'with the columns, scales, classes and tokens that the model knows. Kept in the cache of steps: the same question is',
    'answered from there.',
    ...readingUsage,
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: {
        ...backendFlag,
        ...cacheFlag,
        ...readingFlags,
        part: { type: 'choice', options: measuredParts },
        data: { type: 'path', isMultiple: true },
      },
      minWords: 1,
      maxWords: 1,
    })
    const { checkpoint, ...start } = decodeRunCheckpoint(readCheckpointFile(words[0]!), null)
    const config = parseRunConfig(runSchema(), checkpoint.config)
    checkFiles(flags.data)
    const device = await openDevice(flags.backend, (line) => io.note(line))
    const runner = new StepRunner(openStepFolder({ budgetBytes: cacheBudget(flags.cache) }))
    const signal = io.interruptSignal()
    const given = flags.data.length > 0 ? await readFiles(flags.data, readingOf(flags)) : null
    const isOther = given !== null && given.sha256 !== contentSha256(config)
    if (isOther && flags.part === 'validation') throw notParted()
    const loaded = given ?? (await loadData(config, []))
    const data = isOther
      ? otherData({ ...contentOfFiles(loaded), config, coding: codingOf(checkpoint) }, runner, (notice) =>
          io.note(notice),
        )
      : await ownData(loaded, { config, checkpoint, cacheMegabytes: flags.cache })
    const part = isOther ? 'test' : (flags.part ?? 'validation')
    const codeVersion = readVersions().code!
    const node = await evaluationNode({ config, start, part, ...data, device, codeVersion })
    const { value, reports } = await runner.run(node, { signal })
    if (isOther)
      io.note(`Measured on all of ${flags.data.join(', ')}, which is not what the run was trained on`)
    reportLines(reports, 'Evaluation').forEach((line) => io.note(line))
    const named = Object.entries(value.values).map(([name, number]) => [`${value.part}/${name}`, number])
    const { step } = start.progress
    io.print(JSON.stringify({ step, items: value.items, ...Object.fromEntries(named) }))
    return exitCodes.done
  },
})

/** Of what the run was trained on; null where its settings name no files. */
function contentSha256({ data: { source } }: RunConfig): string | null {
  return source.kind === 'bundled' ? null : source.sha256
}

async function ownData(
  loaded: LoadedData,
  {
    config,
    checkpoint,
    cacheMegabytes,
  }: { config: RunConfig; checkpoint: Checkpoint; cacheMegabytes: number | null },
) {
  const { tokenizer } = checkpoint
  const { prepared } = await prepareData(config, loaded, { tokenizer, cacheMegabytes })
  checkVocabulary(prepared, checkpoint)
  return { preparedKey: prepared.key, prepared: () => Promise.resolve(prepared) }
}

function contentOfFiles({ kind, bytes, sha256 }: LoadedData) {
  const pieces = async function* () {
    yield bytes
  }
  return { kind, content: contentOf(pieces, bytes.length), contentSha256: sha256 }
}

function notParted(): ConfigError {
  return new ConfigError('evaluate: other files than the run’s have no validation part', {
    code: 'bad-arguments',
    remedy: 'Leave --part out: all of them is measured.',
  })
}
