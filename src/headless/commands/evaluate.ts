import { decodeRunCheckpoint } from '../../../workers/checkpointOfRun.ts'
import { runData } from '../../../workers/runData.ts'
import { DeviceError } from '../../core/errors.ts'
import { parseRunConfig } from '../../core/runConfig.ts'
import { createTrainSession } from '../../engine/training/trainSession.ts'
import { validate } from '../../engine/training/hooks/evaluate.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import {
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

/** The validation metrics of a checkpoint, on the data that it was trained with or on other data of its kind. */
export default defineCommand({
  name: 'evaluate',
  summary: 'measures a checkpoint on the held-out part of its data',
  usage: [
    'evaluate CHECKPOINT|DIR [--data FILE]… [--backend webgpu|cpu]',
    'Prints one JSON object: {"step": …, "validation/loss": …, …}.',
    ...readingUsage,
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: { ...backendFlag, ...readingFlags, data: { type: 'path', isMultiple: true } },
      minWords: 1,
      maxWords: 1,
    })
    const { checkpoint, progress } = decodeRunCheckpoint(readCheckpointFile(words[0]!), null)
    const config = parseRunConfig(runSchema(), checkpoint.config)
    checkFiles(flags.data)
    const device = await openDevice(flags.backend, (line) => io.note(line))
    const loaded = await loadData(config, flags.data, readingOf(flags))
    const { prepared } = await prepareData(config, loaded, { tokenizer: checkpoint.tokenizer })
    checkVocabulary(prepared, checkpoint)
    const data = runData(prepared, config)
    const session = createTrainSession({ device, config, facts: data.facts })
    session.importState(checkpoint.tensors, 'weights')
    const stage = config.stages[Math.min(progress.stageIndex, config.stages.length - 1)]!
    const steps = validate({ session, config, data, stage })
    let next = await steps.next()
    while (!next.done) next = await steps.next()
    const { values } = next.value
    const loss = values['validation/loss']!
    if (!Number.isFinite(loss)) {
      throw new DeviceError(
        `evaluate: the loss of step ${progress.step} is ${loss}: the weights are broken`,
        {
          code: 'non-finite',
          remedy: 'Go back to an earlier checkpoint.',
        },
      )
    }
    io.print(JSON.stringify({ step: progress.step, ...values }))
    session.dispose()
    return exitCodes.done
  },
})
