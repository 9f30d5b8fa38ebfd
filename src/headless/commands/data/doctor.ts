import { diagnose } from '../../../data/doctor/diagnose.ts'
import { readDoctorSet } from '../../../data/doctor/doctorSet.ts'
import { reportLines } from '../../../data/doctor/report.ts'
import { parseCommandLine } from '../../args.ts'
import { defineCommand, exitCodes } from '../../command.ts'
import { readFiles, readingFlags, readingOf, readingUsage } from '../../loadData.ts'

/** What is wrong with a data set, in words or as JSON. */
export default defineCommand({
  name: 'doctor',
  summary: 'says what is wrong with a data set and what to do about it',
  usage: [
    'doctor FILE… [--labels COLUMN] [--seed N] [--json]',
    'FILE is what --data of train takes: tables, texts, pictures, folders and archives of them.',
    '--labels  the column with the class of each row; found by itself where one is called as classes are',
    ...readingUsage,
    '--seed    of the folds and of what is sampled; 0',
    '--json    one JSON object: {name, kind, count, checks, findings, bySeverity}',
    'Exit code 0 whether something was found or not, 2 when the files could not be read.',
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: {
        ...readingFlags,
        labels: { type: 'text' },
        seed: { type: 'int', min: 0, max: 2 ** 32 - 1 },
        json: { type: 'bool' },
      },
      minWords: 1,
      maxWords: Infinity,
    })
    const { kind, bytes, source, notices } = await readFiles(words, readingOf(flags))
    for (const notice of notices) io.note(notice)
    const name = source.kind === 'stored' ? source.name : source.id
    const set = readDoctorSet(kind, bytes, { name, labels: flags.labels })
    let told = ''
    const diagnosis = diagnose(set, {
      seed: flags.seed ?? 0,
      onProgress({ check }) {
        if (check !== told) io.note(`looking: ${check}`)
        told = check
      },
    })
    if (flags.json) io.print(JSON.stringify(diagnosis))
    else for (const line of reportLines(diagnosis)) io.print(line)
    return exitCodes.done
  },
})
