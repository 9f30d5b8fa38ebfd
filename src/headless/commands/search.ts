import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { decodeRunCheckpoint } from '../../../workers/checkpointOfRun.ts'
import { searchItems } from '../../../workers/searchItems.ts'
import { ConfigError, DataError } from '../../core/errors.ts'
import { parseRunConfig } from '../../core/runConfig.ts'
import { reportLines } from '../../core/stepWords.ts'
import { StepRunner } from '../../data/steps/stepRunner.ts'
import type { SearchQuery } from '../../core/search.ts'
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

/** Held-out pictures by words, and captions by a picture. */
export default defineCommand({
  name: 'search',
  summary: 'finds held-out pictures by words, or captions by a picture',
  usage: [
    'search CHECKPOINT|DIR --words TEXT [--count N] [--data FILE]… [--backend webgpu|cpu] [--cache MEGABYTES]',
    'search CHECKPOINT|DIR --picture FILE [--count N] [--data FILE]… [--backend webgpu|cpu] [--cache MEGABYTES]',
    'For checkpoints of images and captions. N is 12 when it is not given.',
    'Prints one JSON object for each item, the best first: {"rank": 1, "words": …, "cosine": …}.',
    ...readingUsage,
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: {
        ...backendFlag,
        ...cacheFlag,
        ...readingFlags,
        words: { type: 'text' },
        picture: { type: 'path' },
        count: { type: 'int', min: 1, max: 10_000 },
        data: { type: 'path', isMultiple: true },
      },
      minWords: 1,
      maxWords: 1,
    })
    const query = queryOf(flags.words, flags.picture)
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
    const count = flags.count ?? 12
    const codeVersion = readVersions().code!
    const runner = new StepRunner(openStepFolder({ budgetBytes: cacheBudget(flags.cache) }))
    const result = await searchItems({ config, start, prepared, device, codeVersion, query, count, runner })
    reportLines(result.reports, 'Vectors').forEach((line) => io.note(line))
    if (result.unknown.length > 0)
      io.note(`Not in what it has read, and left out: ${result.unknown.join(', ')}`)
    io.note(`Step ${result.step}, the best of ${result.total}`)
    result.found.forEach(({ words: caption, cosine }, i) =>
      io.print(JSON.stringify({ rank: i + 1, words: caption, cosine })),
    )
    return exitCodes.done
  },
})

function queryOf(text: string | null, picture: string | null): SearchQuery {
  if ((text === null) === (picture === null))
    throw new ConfigError('search: needs either --words TEXT or --picture FILE', {
      code: 'bad-arguments',
      remedy: 'For instance: npm run bunsen -- search DIR --words "red heart"',
    })
  if (text !== null) return { kind: 'words', words: text }
  try {
    return { kind: 'picture', name: basename(picture!), bytes: readFileSync(picture!) }
  } catch (cause) {
    throw new DataError(`search: cannot read ${picture}`, {
      code: 'file-not-found',
      remedy: 'Name a PNG or a JPEG file.',
      cause,
    })
  }
}
