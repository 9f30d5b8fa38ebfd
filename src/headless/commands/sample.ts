import { decodeRunCheckpoint } from '../../../workers/checkpointOfRun.ts'
import { writeText } from '../../../workers/generateText.ts'
import { parseCommandLine } from '../args.ts'
import { ConfigError } from '../../core/errors.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { backendFlag, openDevice } from '../openDevice.ts'
import { samplingOf } from '../../core/sampling.ts'
import { parseRunConfig } from '../../core/runConfig.ts'
import { runSchema } from '../resolveConfig.ts'
import { readCheckpointFile } from '../runDirectory.ts'

/** What a checkpoint writes; how, where nothing is said, is in the checkpoint's configuration. */
export default defineCommand({
  name: 'sample',
  summary: 'lets a checkpoint write text',
  usage: [
    'sample CHECKPOINT|DIR --prompt TEXT [--tokens N] [--seed N] [--backend webgpu|cpu]',
    '       [--temperature T] [--top-k K] [--top-p P] [--min-p P] [--repetition-penalty R] [--no-repeat-ngram N]',
    '       [--beams N [--length-penalty L]]  the likeliest text of N followed at once, instead of a drawn one:',
    '         without --temperature, --top-k, --top-p, --min-p and --seed, which say how to draw',
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
        'top-p': { type: 'number', min: 0, max: 1 },
        'min-p': { type: 'number', min: 0, max: 1 },
        'repetition-penalty': { type: 'number', min: 1, max: 10 },
        'no-repeat-ngram': { type: 'int', min: 0, max: 100 },
        beams: { type: 'int', min: 1, max: 64 },
        'length-penalty': { type: 'number', min: -10, max: 10 },
        seed: { type: 'int', min: 0, max: 4294967295 },
      },
      minWords: 1,
      maxWords: 1,
    })
    refuseUnused(flags)
    const { checkpoint } = decodeRunCheckpoint(readCheckpointFile(words[0]!), null)
    const { evaluation, seed } = parseRunConfig(runSchema(), checkpoint.config)
    const usual = samplingOf(evaluation)
    const prompt = flags.prompt ?? evaluation.samplePrompt
    const device = await openDevice(flags.backend, (line) => io.note(line))
    const text = await writeText(checkpoint, device, {
      prompt,
      tokens: flags.tokens ?? evaluation.sampleTokens,
      sampling: {
        temperature: flags.temperature ?? usual.temperature,
        topK: flags['top-k'] ?? usual.topK,
        topP: flags['top-p'] ?? usual.topP,
        minP: flags['min-p'] ?? usual.minP,
        repetitionPenalty: flags['repetition-penalty'] ?? usual.repetitionPenalty,
        noRepeatNgram: flags['no-repeat-ngram'] ?? usual.noRepeatNgram,
      },
      beams:
        flags.beams === null ? null : { count: flags.beams, lengthPenalty: flags['length-penalty'] ?? 1 },
      seed: flags.seed ?? seed,
    })
    io.print(prompt + text)
    return exitCodes.done
  },
})

const ofDrawing = ['temperature', 'top-k', 'top-p', 'min-p', 'seed'] as const

/** What would do nothing, and say nothing. @throws ConfigError `bad-arguments` */
function refuseUnused(
  flags: Readonly<Record<(typeof ofDrawing)[number] | 'beams' | 'length-penalty', number | null>>,
): void {
  if (flags.beams === null) {
    if (flags['length-penalty'] !== null)
      throw new ConfigError('sample: --length-penalty goes with --beams, got it alone', {
        code: 'bad-arguments',
        remedy: 'Add --beams N, or leave it out: a drawn text is as long as --tokens says.',
      })
    return
  }
  const unused = ofDrawing.filter((name) => flags[name] !== null)
  if (unused.length === 0) return
  throw new ConfigError(
    `sample: with --beams nothing is drawn, got ${unused.map((name) => `--${name}`).join(', ')}`,
    { code: 'bad-arguments', remedy: 'Leave them out, or leave --beams out.' },
  )
}
