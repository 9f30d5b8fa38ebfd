import { compareSets } from '../../../data/doctor/drift/compareSets.ts'
import { driftLines } from '../../../data/doctor/drift/driftLines.ts'
import { readDoctorSet } from '../../../data/doctor/doctorSet.ts'
import { parseCommandLine } from '../../args.ts'
import { defineCommand, exitCodes } from '../../command.ts'
import { readFiles, readingFlags, readingOf, readingUsage } from '../../loadData.ts'

/** How two sets differ, in words or as JSON. */
export default defineCommand({
  name: 'drift',
  summary: 'says how two data sets differ, column by column and as wholes',
  usage: [
    'drift FIRST SECOND [--labels COLUMN] [--seed N] [--json]',
    'FIRST and SECOND are a file, a folder or an archive each, of one kind.',
    '--labels  the column with the class of each row, which is compared and not looked at; found by itself',
    ...readingUsage,
    '--seed    of what is sampled; 0',
    '--json    one JSON object: {first, second, columns, notCompared, twoSample}',
    'Exit code 0 whether they differ or not, 2 when they could not be read or are not of one kind.',
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: {
        ...readingFlags,
        labels: { type: 'text' },
        seed: { type: 'int', min: 0, max: 2 ** 32 - 1 },
        json: { type: 'bool' },
      },
      minWords: 2,
      maxWords: 2,
    })
    const read = async (path: string) => {
      const { kind, bytes, source, notices } = await readFiles([path], readingOf(flags))
      for (const notice of notices) io.note(notice)
      const name = source.kind === 'stored' ? source.name : source.id
      return readDoctorSet(kind, bytes, { name, labels: flags.labels })
    }
    const first = await read(words[0]!)
    const second = await read(words[1]!)
    const drift = compareSets(first, second, { seed: flags.seed ?? 0 })
    if (flags.json) io.print(JSON.stringify(drift))
    else for (const line of driftLines(drift)) io.print(line)
    return exitCodes.done
  },
})
