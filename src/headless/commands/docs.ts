import { writeFileSync } from 'node:fs'
import { createCatalog } from '../../../workers/catalog.ts'
import { createRunSchema } from '../../core/runConfig.ts'
import { presets } from '../../runs/presets/registry.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { configurationPage } from '../configurationPage.ts'

/** The reference page of the configuration, from the same descriptors as the form. */
export default defineCommand({
  name: 'docs',
  summary: 'writes the reference page of the configuration',
  usage: ['docs [--out FILE]', '--out FILE  docs/configuration.md when not given; - prints it'],
  async run(args, io) {
    const { flags } = parseCommandLine(args, { flags: { out: { type: 'path' } } })
    const page = configurationPage(createRunSchema(createCatalog()), presets)
    const path = flags.out ?? 'docs/configuration.md'
    if (path === '-') io.print(page)
    else writeFileSync(path, page)
    return exitCodes.done
  },
})
