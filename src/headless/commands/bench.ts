import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import packageJson from '../../../package.json' with { type: 'json' }
import { benchLines, benchRecord, isVoid } from '../../../tests/bench/benchReport.ts'
import { labelsLines, measureLabels } from '../../../tests/bench/labelsBench.ts'
import { inputLines, measureInput, type InputResult } from '../../../tests/bench/inputBench.ts'
import { measureSteps, stepsLines } from '../../../tests/bench/stepsBench.ts'
import { measureTokenizers, tokenizerLines } from '../../../tests/bench/tokenizerBench.ts'
import { profileLines, profileModel, type ProfileResult } from '../../../tests/bench/profileBench.ts'
import { runInBrowser } from '../../../tests/bench/runInBrowser.ts'
import { runBench } from '../../../tests/bench/runBench.ts'
import type { Precision } from '../../../tests/bench/models/benchModel.ts'
import { benchModels } from '../../../tests/bench/models/benchModels.ts'
import { describeAdapter } from '../../engine/backend/deviceInfo.ts'
import { presets } from '../../runs/presets/registry.ts'
import { badArguments, parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes, type CommandIo } from '../command.ts'
import { loadGpu, loadNullGpu } from '../gpu.ts'
import { readVersions } from '../versions.ts'

const names = benchModels.map(({ name }) => name)
/** What Dawn's null device has room for in stock tfjs: it holds 256 MiB. */
const nullModels = ['tiny', 'small', 'vit-tiny', 'clip-tiny']
/** Of each kind of data. */
const inputPresets = [
  'char-gpt-tiny',
  'digits-vit',
  'digits-simclr',
  'emoji-clip',
  'names-to-german',
  'penguins-mlp',
]

/** The training step against other libraries. */
export default defineCommand({
  name: 'bench',
  summary: 'times the training step against stock tfjs and jax-js',
  usage: [
    'bench [--only NAME]… [--precision float32|mixed] [--json FILE] [--browser | --null] [--tuned]',
    'bench --profile [--only NAME]… [--precision float32|mixed] [--json FILE]   where the time of a step goes, by kernel',
    'bench --only input [--json FILE]   how much of a run’s time presets wait for their data',
    'bench --only steps [--json FILE]   what is saved by reusing steps of the preparation, over 30 edits; needs no GPU',
    'bench --only tokenizer [--json FILE]   learning and using a BPE against a naive one and @huggingface/tokenizers',
    'bench --only labels [--json FILE]   wrong labels that the data doctor finds where labels were flipped; needs no GPU',
    `NAME is ${names.join(', ')}; tiny on a software adapter, small, big, vit and clip on a GPU when it is not given.`,
    'All take turns in one process; a ratio is a library’s median time over Bunsen’s.',
    '--precision is Bunsen’s; the others compute in 32 bits.',
    `--null takes a device that computes nothing, so that only the host’s own cost is left; for ${nullModels.join(', ')}.`,
    '--tuned adds Bunsen with kernels that are measured before the first step.',
    'Exit code 1 when their losses differ by more than 1e-4 (2e-3 in mixed precision), which makes the timing void.',
  ],
  async run(args, io) {
    const { flags } = parseCommandLine(args, {
      flags: {
        only: { type: 'choice', options: [...names, ...Object.keys(others)], isMultiple: true },
        precision: { type: 'choice', options: ['float32', 'mixed'] },
        json: { type: 'path' },
        browser: { type: 'bool' },
        null: { type: 'bool' },
        tuned: { type: 'bool' },
        profile: { type: 'bool' },
      },
    })
    const other = flags.only.find((name) => Object.hasOwn(others, name))
    if (other !== undefined) return others[other as keyof typeof others](io, flags.json)
    if (flags.profile) return benchProfile(io, flags)
    const options = {
      only: modelsOf(flags),
      precision: flags.precision ?? 'float32',
      isTuned: flags.tuned,
    }
    const note = (line: string) => io.note(line)
    const run = flags.browser
      ? await runInBrowser(options, note)
      : await runBench(await (flags.null ? loadNullGpu() : loadGpu()), options, note)
    for (const line of benchLines(run)) io.print(line)
    await keep(
      flags.json,
      benchRecord(run, { ...readVersions(), jaxJs: packageJson.devDependencies['@jax-js/jax'] }),
    )
    return !flags.null && run.results.some(isVoid) ? exitCodes.fault : exitCodes.done
  },
})

/** null: those that suit the adapter. */
function modelsOf(flags: { only: readonly string[]; null: boolean }): readonly string[] | null {
  if (!flags.null) return flags.only.length > 0 ? flags.only : null
  const tooLarge = flags.only.find((name) => !nullModels.includes(name))
  if (tooLarge !== undefined) {
    throw badArguments(
      `--only: stock tfjs needs more for ${tooLarge} than the 256 MiB that Dawn’s null device holds`,
      `With --null there are ${nullModels.join(', ')}.`,
    )
  }
  return flags.only.length > 0 ? flags.only : nullModels
}

/** What is measured alone, without a training step. */
const others = { input: benchInput, labels: benchLabels, steps: benchSteps, tokenizer: benchTokenizers }

async function benchProfile(
  io: CommandIo,
  { only, precision, json }: { only: readonly string[]; precision: Precision | null; json: string | null },
): Promise<number> {
  const gpu = await loadGpu()
  const results: ProfileResult[] = []
  for (const model of benchModels.filter(({ name }) => only.length === 0 || only.includes(name))) {
    io.note(`profile: ${model.name}`)
    const result = await profileModel(gpu, model, precision ?? 'float32')
    for (const line of [...profileLines(result), '']) io.print(line)
    results.push(result)
  }
  const profiles = results.map(({ adapter, model, profile }) => ({ adapter, model: model.name, profile }))
  await keep(json, { versions: readVersions(), profiles })
  return exitCodes.done
}

async function benchLabels(io: CommandIo, json: string | null): Promise<number> {
  const labels = await measureLabels((line) => io.note(line))
  for (const line of labelsLines(labels)) io.print(line)
  await keep(json, { versions: readVersions(), labels })
  return exitCodes.done
}

async function benchSteps(io: CommandIo, json: string | null): Promise<number> {
  const result = await measureSteps((line) => io.note(line))
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}`
  for (const line of [`machine: ${machine}`, ...stepsLines(result)]) io.print(line)
  await keep(json, { machine, versions: readVersions(), steps: result })
  return exitCodes.done
}

async function benchInput(io: CommandIo, json: string | null): Promise<number> {
  const gpu = await loadGpu()
  const { name } = describeAdapter((await gpu.requestAdapter())!)
  const results: InputResult[] = []
  for (const id of inputPresets) {
    io.note(`input: ${id}`)
    results.push(
      await measureInput(
        gpu,
        presets.find((preset) => preset.id === id)!,
      ),
    )
  }
  for (const line of inputLines(name, results)) io.print(line)
  await keep(json, { adapter: name, versions: readVersions(), input: results })
  return exitCodes.done
}

async function benchTokenizers(io: CommandIo, json: string | null): Promise<number> {
  const tokenizer = await measureTokenizers((line) => io.note(line))
  for (const line of tokenizerLines(tokenizer)) io.print(line)
  await keep(json, { versions: readVersions(), tokenizer })
  return tokenizer.small.areSame && tokenizer.encoding.areSame ? exitCodes.done : exitCodes.fault
}

/** Where a file was asked for. */
async function keep(path: string | null, record: unknown): Promise<void> {
  if (path !== null) await writeFile(path, `${JSON.stringify(record, null, 2)}\n`)
}
