import { runData } from '../../../workers/runData.ts'
import { ConfigError } from '../../core/errors.ts'
import { invalidConfig, parseRunConfig, type RunConfig } from '../../core/runConfig.ts'
import type { EngineDevice } from '../../engine/backend/createDevice.ts'
import { checkConfig } from '../../engine/tasks/checkConfig.ts'
import { createTrainSession } from '../../engine/training/trainSession.ts'
import { freshProgress, trainRun } from '../../engine/training/trainRun.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { interval } from '../interval.ts'
import {
  checkFiles,
  loadData,
  prepareData,
  readingFlags,
  readingOf,
  readingUsage,
  type LoadedData,
} from '../loadData.ts'
import { backendFlag, openDevice } from '../openDevice.ts'
import { resolveConfig, runSchema } from '../resolveConfig.ts'

/** The same run with several seeds, and with several losses side by side: what is luck, and what is not. */
export default defineCommand({
  name: 'study',
  summary: 'trains with several seeds and losses, and tells means with their intervals',
  usage: [
    'study CONFIG|LINK|PRESET [--seeds N] [--losses A,B,…] [--steps N] [--data FILE]… [--backend webgpu|cpu]',
    '  --seeds N     1 to N, 3 by default: weights, order and random splits differ',
    '  --losses …    each alone in the place of the stage’s own',
    '  --steps N     length of the stage, with its schedule',
    '  Standard output: one JSON object a run, then one a loss with mean and half width of the 95 % interval.',
    ...readingUsage,
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: {
        ...backendFlag,
        ...readingFlags,
        data: { type: 'path', isMultiple: true },
        seeds: { type: 'int', min: 1, max: 1000 },
        steps: { type: 'int', min: 1, max: 1e9 },
        losses: { type: 'text' },
      },
      minWords: 1,
      maxWords: 1,
    })
    const schema = runSchema()
    const base = resolveConfig(schema, words[0]!)
    if (base.stages.length > 1 && (flags.losses !== null || flags.steps !== null)) {
      throw new ConfigError(`study: --losses and --steps change one stage, got ${base.stages.length}`, {
        code: 'bad-arguments',
        remedy: 'Leave them out, or write the variants as configurations of their own.',
      })
    }
    const names = flags.losses === null ? [null] : flags.losses.split(',').map((name) => name.trim())
    const variants = names.map((name) => {
      const stages = base.stages.map((stage) => ({
        ...stage,
        ...(name === null ? {} : { losses: [{ name }] }),
        ...(flags.steps === null ? {} : { totalSteps: flags.steps }),
      }))
      return { name, config: parseRunConfig(schema, { ...base, stages }) }
    })
    // All of them, before the first is trained for an hour.
    for (const { config } of variants) {
      const issues = checkConfig(config)
      if (issues.length > 0) throw invalidConfig(issues)
    }
    checkFiles(flags.data)
    const device = await openDevice(flags.backend, (line) => io.note(line))
    const content = await loadData(base, flags.data, readingOf(flags))
    content.notices.forEach((notice) => io.note(notice))
    const count = flags.seeds ?? 3
    for (const { name, config } of variants) {
      const found: Record<string, number>[] = []
      for (let seed = 1; seed <= count; seed++) {
        const own = parseRunConfig(schema, {
          ...config,
          seed,
          data: { ...config.data, source: content.source },
        })
        io.note(`${name ?? words[0]!}, seed ${seed} of ${count}`)
        const values = await validationOf(own, device, content)
        found.push(values)
        io.print(JSON.stringify({ loss: name, seed, ...values }))
      }
      const summary = Object.keys(found[0]!).map((metric) => [
        metric,
        interval(found.map((values) => values[metric]!)),
      ])
      io.print(JSON.stringify({ loss: name, seeds: count, ...Object.fromEntries(summary) }))
    }
    return exitCodes.done
  },
})

/** What the last validation of a run says. */
async function validationOf(
  config: RunConfig,
  device: EngineDevice,
  content: LoadedData,
): Promise<Record<string, number>> {
  const { prepared } = await prepareData(config, content)
  const data = runData(prepared, config)
  const session = createTrainSession({ device, config, facts: data.facts })
  const progress = freshProgress()
  const host = {
    now: () => performance.now(),
    loadBest: () => Promise.resolve(null),
    saveCheckpoint: () => Promise.resolve(null),
  }
  const controls = { learningRate: null, demands: new Set<never>() }
  try {
    for await (const events of trainRun({ session, config, data, host, controls, progress, limit: null })) {
      void events
      device.throwIfFailed()
    }
    const validation = Object.entries(progress.latest).filter(([name]) => name.startsWith('validation/'))
    return Object.fromEntries(validation)
  } finally {
    session.dispose()
    device.trim()
  }
}
