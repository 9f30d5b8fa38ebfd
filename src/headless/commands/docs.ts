import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { referencePages } from '../referencePages.ts'

/** The reference pages of configuration and losses, from the same descriptors as the form. */
export default defineCommand({
  name: 'docs',
  summary: 'writes the reference pages of the configuration and of losses',
  usage: ['docs [--out DIR]', '--out DIR  where docs/ lies, here when not given; - prints them'],
  async run(args, io) {
    const { flags } = parseCommandLine(args, { flags: { out: { type: 'path' } } })
    for (const { path, make } of referencePages) {
      if (flags.out === '-') {
        io.print(make())
        continue
      }
      const file = join(flags.out ?? '.', path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, make())
    }
    return exitCodes.done
  },
})
