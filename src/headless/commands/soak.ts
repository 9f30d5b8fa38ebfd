import { benchModels } from '../../../tests/bench/models/benchModels.ts'
import { runSoak } from '../../../tests/bench/soak.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { loadGpu } from '../gpu.ts'
import { readVersions } from '../versions.ts'

const names = benchModels.map(({ name }) => name)

/** Many replayed steps, for the night. */
export default defineCommand({
  name: 'soak',
  summary: 'replays a training step many times, and checks that memory stays flat and steps stay as fast',
  usage: [
    'soak [--steps N] [--model NAME]',
    `N is 20000 and NAME small when they are not given; NAME is one of ${names.join(', ')}.`,
    'Prints one JSON object: what stood at the end of each twentieth part, and the faults that were found.',
    'Exit code 1 when there is a fault.',
  ],
  async run(args, io) {
    const { flags } = parseCommandLine(args, {
      flags: { steps: { type: 'int', min: 40 }, model: { type: 'choice', options: names } },
    })
    const model = benchModels.find(({ name }) => name === (flags.model ?? 'small'))!
    const result = await runSoak(await loadGpu(), { model, steps: flags.steps ?? 20_000 }, (sample) =>
      io.note(`step ${sample.step}: ${sample.stepMs.toFixed(1)} ms, ${sample.residentBytes} bytes resident`),
    )
    io.print(JSON.stringify({ ...result, versions: readVersions() }, null, 2))
    return result.faults.length > 0 ? exitCodes.fault : exitCodes.done
  },
})
