import { decodeRunCheckpoint } from '../../../workers/checkpointOfRun.ts'
import { evaluationNode } from '../../../workers/evaluationStep.ts'
import { measuredParts } from '../../core/evaluation.ts'
import { parseRunConfig } from '../../core/runConfig.ts'
import { reportLines } from '../../core/stepWords.ts'
import { StepRunner } from '../../data/steps/stepRunner.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import {
  cacheFlag,
  checkFiles,
  checkVocabulary,
  loadData,
  prepareData,
  readingFlags,
  readingOf,
  readingUsage,
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
    'that the run took, the test part whole. Kept in the cache of steps: the same question is answered from there.',
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
    const loaded = await loadData(config, flags.data, readingOf(flags))
    const { prepared } = await prepareData(config, loaded, {
      tokenizer: checkpoint.tokenizer,
      cacheMegabytes: flags.cache,
    })
    checkVocabulary(prepared, checkpoint)
    const node = await evaluationNode({
      config,
      start,
      part: flags.part ?? 'validation',
      preparedKey: prepared.key,
      prepared: async () => prepared,
      device,
      codeVersion: readVersions().code!,
    })
    const store = openStepFolder({ budgetBytes: cacheBudget(flags.cache) })
    const { value, reports } = await new StepRunner(store).run(node, { signal: io.interruptSignal() })
    reportLines(reports, 'Evaluation').forEach((line) => io.note(line))
    const named = Object.entries(value.values).map(([name, number]) => [`${value.part}/${name}`, number])
    const { step } = start.progress
    io.print(JSON.stringify({ step, items: value.items, ...Object.fromEntries(named) }))
    return exitCodes.done
  },
})
