import { runData } from '../../../workers/runData.ts'
import { canonicalJson } from '../../core/canonicalJson.ts'
import { ConfigError } from '../../core/errors.ts'
import { invalidConfig, parseRunConfig, type RunConfig, type RunSchema } from '../../core/runConfig.ts'
import type { EngineDevice } from '../../engine/backend/createDevice.ts'
import { checkConfig } from '../../engine/tasks/checkConfig.ts'
import { createTrainSession } from '../../engine/training/trainSession.ts'
import { freshProgress, trainRun } from '../../engine/training/trainRun.ts'
import { applySettings } from '../applySettings.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { readTokenizerOnDisk, withTokenizer, type TokenizerOnDisk } from '../givenTokenizer.ts'
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
import { studyTable, type StudyRow } from '../studyTable.ts'

/** Runs with several seeds, of configurations and losses side by side: what is luck, and what is not. */
export default defineCommand({
  name: 'study',
  summary: 'trains configurations with several seeds and losses, and tells means with their intervals',
  usage: [
    'study CONFIG|LINK|PRESET… [--set PATH=VALUE]… [--seeds N] [--losses A,B,…] [--steps N] [--data FILE]… [--tokenizer FILE]',
    '      [--backend webgpu|cpu]',
    '  --seeds N     1 to N, 3 by default: weights, order and random splits differ',
    '  --set …       another value of a setting, in each configuration; see docs/configuration.md',
    '  --losses …    each alone in the place of the stage’s own',
    '  --steps N     length of the stage, with its schedule',
    '  --tokenizer FILE  as train takes it',
    '  Standard output: one JSON object a run, then one of all its seeds with mean and half width of the 95 % interval.',
    '  Standard error: progress, and these as a table in the end.',
    ...readingUsage,
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: {
        ...backendFlag,
        ...readingFlags,
        data: { type: 'path', isMultiple: true },
        tokenizer: { type: 'path' },
        set: { type: 'text', isMultiple: true },
        seeds: { type: 'int', min: 1, max: 1000 },
        steps: { type: 'int', min: 1, max: 1e9 },
        losses: { type: 'text' },
      },
      minWords: 1,
      maxWords: 100,
    })
    const tokenizer = flags.tokenizer === null ? null : readTokenizerOnDisk(flags.tokenizer)
    const schema = runSchema()
    // All of them, before the first is trained for an hour.
    const variants = words.flatMap((word) => variantsOf(schema, word, flags, tokenizer))
    for (const { config } of variants) {
      const issues = checkConfig(config)
      if (issues.length > 0) throw invalidConfig(issues)
    }
    checkFiles(flags.data)
    const device = await openDevice(flags.backend, (line) => io.note(line))
    const count = flags.seeds ?? 3
    const rows: StudyRow[] = []
    /** By their sources: losses side by side learn from what is read once. */
    const contents = new Map<string, LoadedData>()
    for (const { name, loss, config } of variants) {
      const key = canonicalJson(config.data.source)
      const known = contents.get(key)
      const content = known ?? (await loadData(config, flags.data, readingOf(flags)))
      if (known === undefined) content.notices.forEach((notice) => io.note(notice))
      contents.set(key, content)
      const found: Record<string, number>[] = []
      for (let seed = 1; seed <= count; seed++) {
        const own = parseRunConfig(schema, {
          ...config,
          seed,
          data: { ...config.data, source: content.source },
        })
        io.note(`${loss === null ? name : `${name}, ${loss}`}, seed ${seed} of ${count}`)
        const values = await validationOf(own, { device, content, tokenizer })
        found.push(values)
        io.print(JSON.stringify({ config: name, loss, seed, ...values }))
      }
      const metrics = Object.fromEntries(
        Object.keys(found[0]!).map((metric) => [metric, interval(found.map((values) => values[metric]!))]),
      )
      io.print(JSON.stringify({ config: name, loss, seeds: count, ...metrics }))
      rows.push({ name: loss === null ? name : `${name}, ${loss}`, metrics })
    }
    for (const line of studyTable(rows)) io.note(line)
    return exitCodes.done
  },
})

interface Variant {
  /** As it was named. */
  readonly name: string
  /** In the place of its own; null for these. */
  readonly loss: string | null
  readonly config: RunConfig
}

/** A configuration with what the flags change, once for each loss. Throws what reading one throws, and `bad-arguments`. */
function variantsOf(
  schema: RunSchema,
  word: string,
  flags: { readonly set: readonly string[]; readonly losses: string | null; readonly steps: number | null },
  tokenizer: TokenizerOnDisk | null,
): Variant[] {
  const given = applySettings(schema, resolveConfig(schema, word), flags.set)
  const base = tokenizer === null ? given : parseRunConfig(schema, withTokenizer(given, tokenizer))
  if (base.stages.length > 1 && (flags.losses !== null || flags.steps !== null)) {
    throw new ConfigError(
      `study: --losses and --steps change one stage, got ${base.stages.length} (${word.slice(0, 80)})`,
      {
        code: 'bad-arguments',
        remedy: 'Leave them out, or write the variants as configurations of their own.',
      },
    )
  }
  const losses = flags.losses === null ? [null] : flags.losses.split(',').map((name) => name.trim())
  return losses.map((loss) => {
    const stages = base.stages.map((stage) => ({
      ...stage,
      ...(loss === null ? {} : { losses: [{ name: loss }] }),
      ...(flags.steps === null ? {} : { totalSteps: flags.steps }),
    }))
    // A link is as long as what it holds.
    return { name: word.slice(0, 80), loss, config: parseRunConfig(schema, { ...base, stages }) }
  })
}

/** What the last validation of a run says. */
async function validationOf(
  config: RunConfig,
  given: {
    readonly device: EngineDevice
    readonly content: LoadedData
    readonly tokenizer: TokenizerOnDisk | null
  },
): Promise<Record<string, number>> {
  const { device, content, tokenizer } = given
  const { prepared } = await prepareData(config, content, { tokenizer: tokenizer?.record ?? null })
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
