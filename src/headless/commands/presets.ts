import { presets } from '../../runs/presets/registry.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'

/** What can be trained by name. */
export default defineCommand({
  name: 'presets',
  summary: 'lists what can be trained by name',
  usage: ['presets [--json]'],
  async run(args, io) {
    const { flags } = parseCommandLine(args, { flags: { json: { type: 'bool' } } })
    if (flags.json) io.print(JSON.stringify(presets.map(({ id, title, task }) => ({ id, title, task }))))
    else {
      const width = Math.max(...presets.map(({ id }) => id.length))
      for (const { id, title, summary } of presets) io.print(`${id.padEnd(width)}  ${title}: ${summary}`)
    }
    return exitCodes.done
  },
})
