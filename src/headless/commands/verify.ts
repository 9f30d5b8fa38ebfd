import { nodeGoldenSource } from '../../../tests/parity/nodeGoldenSource.ts'
import { verifyFiles } from '../../../tests/parity/verify.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { describeError } from '../exitCode.ts'
import { backendFlag, openDevice } from '../openDevice.ts'

/** Golden files against the engine. */
export default defineCommand({
  name: 'verify',
  summary: 'runs golden files through the engine and compares',
  usage: [
    'verify FILE… [--backend webgpu|cpu]',
    'FILE is JSON of expected values, a safetensors manifest, or a .safetensors file (read and described).',
    'One line a case: ok, FAIL or unsupported; the last line counts them.',
    'Exit code 0 when nothing failed, 1 when a case did, 2 when a file could not be read.',
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, { flags: backendFlag, minWords: 1, maxWords: Infinity })
    const summary = await verifyFiles(words.map(nodeGoldenSource), {
      openDevice: () => openDevice(flags.backend, (line) => io.note(line)),
      onCase: ({ status, name, detail }) => io.print(`${status} ${name} ${detail}`),
      onUnreadable(source, error) {
        io.print(`unreadable ${source.name} (${error.message})`)
        for (const line of describeError(error)) io.note(line)
      },
    })
    io.print(`${summary.passed} passed, ${summary.failed} failed, ${summary.unsupported} unsupported`)
    if (summary.failed > 0) return exitCodes.fault
    return summary.unreadable > 0 ? exitCodes.badInput : exitCodes.done
  },
})
