import { decodeRunCheckpoint } from '../../../workers/checkpointOfRun.ts'
import { writeText } from '../../../workers/generateText.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { backendFlag, openDevice } from '../openDevice.ts'
import { parseRunConfig } from '../../core/runConfig.ts'
import { runSchema } from '../resolveConfig.ts'
import { readCheckpointFile } from '../runDirectory.ts'

/** What a checkpoint writes; how, where nothing is said, is in the checkpoint's configuration. */
export default defineCommand({
  name: 'sample',
  summary: 'lets a checkpoint write text',
  usage: [
    'sample CHECKPOINT|DIR --prompt TEXT [--tokens N] [--temperature T] [--top-k K] [--seed N] [--backend webgpu|cpu]',
    'Prints the prompt and what the model writes after it.',
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: {
        ...backendFlag,
        prompt: { type: 'text' },
        tokens: { type: 'int', min: 1, max: 100_000 },
        temperature: { type: 'number', min: 0, max: 5 },
        'top-k': { type: 'int', min: 0, max: 1e9 },
        seed: { type: 'int', min: 0, max: 4294967295 },
      },
      minWords: 1,
      maxWords: 1,
    })
    const { checkpoint } = decodeRunCheckpoint(readCheckpointFile(words[0]!), null)
    const { evaluation, seed } = parseRunConfig(runSchema(), checkpoint.config)
    const prompt = flags.prompt ?? evaluation.samplePrompt
    const device = await openDevice(flags.backend)
    const text = await writeText(checkpoint, device, {
      prompt,
      tokens: flags.tokens ?? evaluation.sampleTokens,
      temperature: flags.temperature ?? evaluation.sampleTemperature,
      topK: flags['top-k'] ?? evaluation.sampleTopK,
      seed: flags.seed ?? seed,
    })
    io.print(prompt + text)
    return exitCodes.done
  },
})
