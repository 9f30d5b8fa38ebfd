import { decodeRunCheckpoint } from '../../../workers/checkpointOfRun.ts'
import { tokenData } from '../../../workers/tokenData.ts'
import { DeviceError } from '../../core/errors.ts'
import { parseRunConfig } from '../../core/runConfig.ts'
import { tasks } from '../../engine/tasks/registry.ts'
import { createTrainSession } from '../../engine/training/trainSession.ts'
import { validate } from '../../engine/training/hooks/evaluate.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { checkFiles, checkVocabulary, loadText, prepareTokens } from '../loadData.ts'
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
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: { ...backendFlag, data: { type: 'path', isMultiple: true } },
      minWords: 1,
      maxWords: 1,
    })
    const { checkpoint, progress } = decodeRunCheckpoint(readCheckpointFile(words[0]!), null)
    const config = parseRunConfig(runSchema(), checkpoint.config)
    checkFiles(flags.data)
    const device = await openDevice(flags.backend)
    const prepared = await prepareTokens(config, await loadText(config, flags.data))
    checkVocabulary(prepared, checkpoint)
    const data = tokenData(prepared, config)
    const session = createTrainSession({ device, config, vocabSize: data.vocabSize })
    session.importState(checkpoint.tensors, 'weights')
    const stage = config.stages[Math.min(progress.stageIndex, config.stages.length - 1)]!
    const steps = validate({ session, config, data, stage })
    let next = await steps.next()
    while (!next.done) next = await steps.next()
    const { loss, measured } = next.value
    if (!Number.isFinite(loss)) {
      throw new DeviceError(
        `evaluate: the loss of step ${progress.step} is ${loss}: the weights are broken`,
        {
          code: 'non-finite',
          remedy: 'Go back to an earlier checkpoint.',
        },
      )
    }
    io.print(
      JSON.stringify({
        step: progress.step,
        'validation/loss': loss,
        ...tasks.get(config.task).metricsFromLoss(measured),
      }),
    )
    session.dispose()
    return exitCodes.done
  },
})
