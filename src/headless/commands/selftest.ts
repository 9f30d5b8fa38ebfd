import { selfTests } from '../../engine/selfTest/registry.ts'
import { selfTest } from '../../engine/selfTest/selfTest.ts'
import { wrongKernels } from '../../engine/selfTest/verdicts.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { keepVerdicts, patienceMs } from '../kernelVerdicts.ts'
import { backendFlag, openUntested } from '../openDevice.ts'

/** Whether the kernels are right on this machine. */
export default defineCommand({
  name: 'selftest',
  summary:
    'holds every kernel and its gradient against the CPU on the adapter at hand, and keeps what it finds',
  usage: [
    'selftest [--backend webgpu|cpu] [--only KERNEL]…',
    `KERNEL is ${selfTests.all.map(({ id }) => id).join(', ')}.`,
    'One line a kernel: ok or WRONG, the worst error as a share of the largest number, milliseconds, and what is wrong.',
    'Exit code 0 when all are right, 1 when one is not. The CPU has no kernels of its own: nothing is tested there.',
  ],
  async run(args, io) {
    const { flags } = parseCommandLine(args, {
      flags: {
        ...backendFlag,
        only: { type: 'choice', options: selfTests.all.map(({ id }) => id), isMultiple: true },
      },
    })
    const device = await openUntested(flags.backend)
    try {
      io.note(`Testing on ${device.info.name}`)
      const startedAt = performance.now()
      const verdicts = await selfTest({
        device,
        known: [],
        signal: new AbortController().signal,
        patienceMs,
        onProgress: (done, total) => io.note(`${done} of ${total}`),
        tests: selfTests.all.filter(({ id }) => flags.only.length === 0 || flags.only.includes(id)),
      })
      for (const { kernel, isRight, worstError, problem, isTwinRight, isLate, elapsedMs } of verdicts) {
        const ms = `${elapsedMs} ms`.padStart(9)
        const error = worstError === null ? '-' : worstError.toExponential(1)
        const twin = isTwinRight ? 'right' : isLate ? 'late, too' : 'wrong, too'
        const words = isRight ? '' : `${problem}; its twin is ${twin}`
        io.print(
          `${isRight ? 'ok   ' : isLate ? 'LATE ' : 'WRONG'} ${kernel.padEnd(18)} ${error.padStart(8)} ${ms} ${words}`.trimEnd(),
        )
      }
      if (flags.only.length === 0) await keepVerdicts(device.info, verdicts)
      const wrong = wrongKernels(verdicts)
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      const right = verdicts.filter(({ isRight }) => isRight).length
      io.print(`${right} right, ${verdicts.length - right} wrong, ${seconds} s on ${device.info.name}`)
      if (wrong.length > 0) io.print(`Replaced by their twins: ${wrong.join(', ')}`)
      return wrong.length > 0 ? exitCodes.fault : exitCodes.done
    } finally {
      device.dispose()
    }
  },
})
