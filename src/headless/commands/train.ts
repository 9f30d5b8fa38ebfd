import {
  decodeRunCheckpoint,
  encodeRunCheckpoint,
  freshStart,
  restore,
  type RunStart,
} from '../../../workers/checkpointOfRun.ts'
import { runData } from '../../../workers/runData.ts'
import { weightsStart, type WeightsFile } from '../../../workers/weightsStart.ts'
import { ConfigError, StorageError } from '../../core/errors.ts'
import { canonicalJson } from '../../core/canonicalJson.ts'
import {
  compareLosses,
  comparisonWords,
  decodeCertificate,
  isSameTraining,
  type Certificate,
} from '../../core/certificate.ts'
import { certificateFromLink } from '../../core/urlCodec.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import { invalidConfig, parseRunConfig, totalStepsOf, type RunConfig } from '../../core/runConfig.ts'
import type { Prepared, TokenizerRecord } from '../../core/prepared.ts'
import type { StepReport } from '../../core/steps.ts'
import { reportLines } from '../../core/stepWords.ts'
import { hasTokenizerFile, tokenizerFile } from '../../data/tokenizerFile.ts'
import { presets } from '../../runs/presets/registry.ts'
import type { EngineDevice } from '../../engine/backend/createDevice.ts'
import { checkConfig } from '../../engine/tasks/checkConfig.ts'
import type { LiveControls, RunProgress, TrainHost } from '../../engine/training/runContext.ts'
import { kernelsOfLink, settleKernels } from '../../engine/training/measuredKernels.ts'
import { createTrainSession } from '../../engine/training/trainSession.ts'
import { trainRun } from '../../engine/training/trainRun.ts'
import type { Checkpoint } from '../../storage/checkpoint.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes, type CommandIo } from '../command.ts'
import { exitCodeOf } from '../exitCode.ts'
import {
  cacheFlag,
  checkFiles,
  checkVocabulary,
  loadData,
  prepareData,
  readingFlags,
  readingOf,
  readingUsage,
  type LoadedData,
} from '../loadData.ts'
import { backendFlag, openDevice } from '../openDevice.ts'
import { resolveConfig, runSchema } from '../resolveConfig.ts'
import { applySettings } from '../applySettings.ts'
import { branchFrom } from '../branchFrom.ts'
import {
  copyCheckpoints,
  openRunDirectory,
  readBestCheckpoint,
  readCheckpointFile,
  refuseOtherRun,
  type RunDirectory,
} from '../runDirectory.ts'
import { readTokenizerOnDisk, withTokenizer } from '../givenTokenizer.ts'
import { RunReport } from '../runReport.ts'
import { readStartFile } from '../startFile.ts'
import { readVersions } from '../versions.ts'

/** Ctrl-C after a checkpoint was saved, as shells count it. */
const interruptedCode = 130

/** A run without a page: the same configuration, engine, data and checkpoints. */
export default defineCommand({
  name: 'train',
  summary: 'trains a configuration, a share link or a preset',
  usage: [
    'train CONFIG|LINK|PRESET [--set PATH=VALUE]… [--data FILE]… [--tokenizer FILE] [--from FILE] [--steps N] [--seed N] [--out DIR] [--backend webgpu|cpu]',
    'train --resume DIR [--data FILE]… [--steps N] [--out DIR] [--backend webgpu|cpu]',
    'train --branch DIR[@STEP] [--set PATH=VALUE]… [--data FILE]… [--steps N] [--seed N] [--out DIR] [--backend …]',
    '--data FILE   train on this text instead of the one that the configuration names; several make one set',
    ...readingUsage,
    '--tokenizer FILE  cut texts up by this tokenizer.json of Hugging Face (byte-level BPE or WordPiece) instead of learning one;',
    '              run.json keeps its hash. --resume and --branch take it from the checkpoint',
    '--steps N     leave off after N updates in all; the schedule stays that of the configuration',
    '--set …       another value of a setting, as stages[0].optimizer.learningRate=1e-4; see docs/configuration.md',
    '--seed N      another seed than the configuration’s',
    '--out DIR     where latest.safetensors, best.safetensors and run.json go, and tokenizer.json of a run with parts of',
    '              words; nothing is written without it.',
    '              A folder that holds another run’s checkpoints is refused',
    '--cache MB    what is made of data is kept for the next command, in .cache/steps: so much at most, 0 for nothing',
    '              (2000 where neither this nor BUNSEN_CACHE_MB says so)',
    '--from FILE   begin with the weights of a safetensors file instead of fresh ones: GPT-2, BERT, ViT or CLIP as Hugging Face',
    '              names them, or the model’s own names. They must fit the configuration; run.json keeps the file’s hash',
    '--resume DIR  go on from DIR/latest.safetensors as if never interrupted',
    '--branch …    a new run from DIR’s latest or best checkpoint, the one of STEP, with what --set changes; all else,',
    '              without --set every bit, goes on as it did there. What the weights hang on cannot change',
    'Standard output: one JSON object a record. Standard error: progress.',
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: {
        ...backendFlag,
        ...cacheFlag,
        ...readingFlags,
        data: { type: 'path', isMultiple: true },
        tokenizer: { type: 'path' },
        steps: { type: 'int', min: 1, max: 1e9 },
        seed: { type: 'int', min: 0, max: 4294967295 },
        out: { type: 'path' },
        from: { type: 'path' },
        resume: { type: 'path' },
        branch: { type: 'path' },
        set: { type: 'text', isMultiple: true },
      },
      maxWords: 1,
    })
    const [word = ''] = words
    if ([flags.resume !== null, flags.branch !== null, word !== ''].filter(Boolean).length !== 1) {
      throw new ConfigError('train: needs one of a configuration, --resume DIR and --branch DIR', {
        code: 'bad-arguments',
        remedy: `For instance: npm run bunsen -- train ${presets[0]!.id}`,
      })
    }
    const unfit = flags.seed !== null ? '--seed' : flags.set.length > 0 ? '--set' : null
    if (flags.resume !== null && unfit !== null) {
      throw new ConfigError(`train: ${unfit} cannot be changed by --resume`, {
        code: 'bad-arguments',
        remedy: `Leave out ${unfit}, or begin a run of its own there: --branch ${flags.resume}`,
      })
    }
    if (flags.from !== null && word === '') {
      throw new ConfigError(
        'train: --from is for a run that begins, and --resume and --branch go on with one',
        {
          code: 'bad-arguments',
          remedy: 'Leave out --from, or name a configuration.',
        },
      )
    }
    if (flags.tokenizer !== null && word === '') {
      throw new ConfigError('train: --tokenizer is for a run that begins: others keep theirs', {
        code: 'bad-arguments',
        remedy: 'Leave out --tokenizer, or name a configuration.',
      })
    }
    const schema = runSchema()
    const onDisk = flags.tokenizer === null ? null : readTokenizerOnDisk(flags.tokenizer)
    const resumed = flags.resume === null ? null : decodeRunCheckpoint(readCheckpointFile(flags.resume), null)
    const change = (own: RunConfig) =>
      applySettings(schema, own, [...flags.set, ...(flags.seed === null ? [] : [`seed=${flags.seed}`])])
    const branch = flags.branch === null ? null : branchFrom(schema, flags.branch, change)
    const given = word === '' ? null : resolveConfig(schema, word)
    const code = certificateFromLink(word)
    const shared = given && code !== null ? { config: given, certificate: decodeCertificate(code) } : null
    let config =
      branch?.config ?? (resumed ? parseRunConfig(schema, resumed.checkpoint.config) : change(given!))
    if (onDisk !== null) config = parseRunConfig(schema, withTokenizer(config, onDisk))
    // What is wrong with the words of the call is told before a device is asked for.
    const issues = checkConfig(config)
    if (issues.length > 0) throw invalidConfig(issues)
    checkFiles(flags.data)
    if (flags.out !== null) refuseOtherRun(flags.out, flags.resume)
    const from = flags.from === null ? null : readStartFile(flags.from)
    const device = await openDevice(flags.backend, (line) => io.note(line))
    const text = await loadData(config, flags.data, readingOf(flags))
    text.notices.forEach((notice) => io.note(notice))
    // As a whole: members of the source that it replaces must not be left over.
    config = parseRunConfig(schema, { ...config, data: { ...config.data, source: text.source } })
    const out = flags.out ?? flags.resume
    const directory = out === null ? null : openRunDirectory(out)
    // What has no better checkpoint from here on must not be left behind with only a record.
    if (directory && flags.resume !== null) copyCheckpoints(flags.resume, directory)
    if (branch?.best) directory?.write('best.safetensors', branch.best)
    return train({
      io,
      config,
      device,
      text,
      start: branch?.start ?? resumed ?? freshStart(),
      from,
      tokenizer: onDisk?.record ?? (branch?.start ?? resumed)?.checkpoint.tokenizer ?? null,
      certificate:
        shared && from === null && isSameTraining(shared.config, config) ? shared.certificate : null,
      steps: flags.steps,
      cache: flags.cache,
      directory,
      best: branch?.best ?? null,
    })
  },
})

interface TrainJob {
  io: CommandIo
  config: RunConfig
  device: EngineDevice
  text: LoadedData
  start: ReturnType<typeof freshStart> & { checkpoint?: Checkpoint }
  /** Whose weights take the place of fresh ones. */
  from: WeightsFile | null
  /** Of the file that the config names. */
  tokenizer: TokenizerRecord | null
  /** What the link that is run says to have come out of it. */
  certificate: Certificate | null
  steps: number | null
  /** Megabytes, see `cacheFlag`. */
  cache: number | null
  directory: RunDirectory | null
  /** Of the run that a branch left; where there is a folder, it is in there too. */
  best: Uint8Array | null
}

async function train(job: TrainJob): Promise<number> {
  const { io, config, device, text, from, steps, directory, best } = job
  const { prepared, reports } = await prepareData(config, text, {
    cacheMegabytes: job.cache,
    tokenizer: job.tokenizer,
  })
  if (job.start.checkpoint) checkVocabulary(prepared, job.start.checkpoint)
  const data = runData(prepared, config)
  const given = from && weightsStart(from, { config, facts: data.facts })
  given?.notices.forEach((notice) => io.note(notice))
  const start = given?.start ?? job.start
  io.note(
    `${device.info.name}; ${text.source.kind === 'bundled' ? text.source.id : text.source.name}: ${describeData(prepared)}`,
  )
  prepared.notices?.forEach((notice) => io.note(notice))
  reportLines(reports).forEach((line) => io.note(line))
  const session = createTrainSession({ device, config, facts: data.facts })
  const { progress } = start
  progress.kernels ??= kernelsOfLink(job.certificate)
  const { kernels, notices } = await settleKernels({ session, adapter: device.info.name, progress })
  progress.kernels = kernels
  restore(session, start)
  const startStep = progress.step
  const report = new RunReport(io, steps ?? totalStepsOf(config), progress.step)
  notices.forEach((notice) => report.take(notice))
  const controls: LiveControls = { learningRate: null, demands: new Set() }
  const record = (at: RunProgress, status: string) =>
    directory?.write('run.json', runRecord(config, at, device, { status, preparation: reports, start }))
  // Also tells a folder that cannot be written before hours were spent.
  record(progress, 'running')
  const { tokenizer } = prepared.coding
  if (tokenizer !== null && hasTokenizerFile(tokenizer))
    directory?.write('tokenizer.json', tokenizerFile(tokenizer))
  const bytesOf = (at: RunProgress, tensors: NamedTensors) =>
    encodeRunCheckpoint({
      config,
      progress: at,
      tensors,
      coding: prepared.coding,
      parent: start.parentSha256,
      branch: start.branch,
    })
  // A branch that is interrupted before its first checkpoint can be gone on with too.
  if (start.branch?.step === progress.step && start.tensors)
    directory?.write('latest.safetensors', bytesOf(progress, start.tensors))
  let unsaved: StorageError | null = null as StorageError | null
  const host: TrainHost = {
    now: () => performance.now(),
    loadBest: () => Promise.resolve(bestIn(directory ? readBestCheckpoint(directory.path) : best)),
    async saveCheckpoint({ slot, progress: at, tensors }) {
      if (!directory) return null
      const bytes = bytesOf(at, tensors)
      try {
        directory.write(`${slot}.safetensors`, bytes)
        record(at, 'running')
        unsaved = null
        return { sizeBytes: bytes.length }
      } catch (error) {
        // A full disk must not end a run that still learns; the exit code tells when it stayed full to the end.
        if (!(error instanceof StorageError)) throw error
        unsaved = error
        report.note(`Step ${at.step}: the checkpoint could not be kept. ${error.message}`)
        return null
      }
    },
  }
  const interrupt = io.interruptSignal()
  interrupt.addEventListener('abort', () => controls.demands.add('checkpoint'))
  try {
    for await (const events of trainRun({ session, config, data, host, controls, progress, limit: steps })) {
      events.forEach((event) => report.take(event))
      device.throwIfFailed()
      // A turn of the event loop, so that Ctrl-C gets in.
      await new Promise((resolve) => setImmediate(resolve))
      if (interrupt.aborted && !controls.demands.has('checkpoint')) {
        report.note(
          `Interrupted at step ${progress.step}${directory ? `; continue with --resume ${directory.path}` : ''}`,
        )
        report.end()
        if (unsaved === null) record(progress, 'interrupted')
        return interruptedCode
      }
    }
    if (unsaved !== null) throw unsaved
    if (job.certificate) compare(report, job.certificate, kernels)
    if (progress.step === startStep) {
      report.note(`The checkpoint is at step ${startStep} already: there was nothing left to train`)
    }
    record(progress, 'done')
    return exitCodes.done
  } catch (error) {
    recordQuietly(() => record(progress, exitCodeOf(error) === exitCodes.diverged ? 'diverged' : 'failed'))
    throw error
  } finally {
    report.end()
    session.dispose()
  }
}

/** Says whether a run of a link came to what the link says. */
function compare(report: RunReport, certificate: Certificate, measured: RunProgress['kernels']): void {
  const comparison = compareLosses(certificate, report.firstLosses)
  if (!comparison) return
  const here = { codeVersion: readVersions()['code']!, ...(measured && { kernels: measured.matmul }) }
  const { title, detail } = comparisonWords(comparison, certificate, here)
  report.note(`${title}. ${detail}`)
}

function bestIn(bytes: Uint8Array | null): Awaited<ReturnType<TrainHost['loadBest']>> {
  if (bytes === null) return null
  const { step, tensors } = decodeRunCheckpoint(bytes, null).checkpoint
  return { step, tensors }
}

function describeData({ kind, train, validation, coding: { facts } }: Prepared): string {
  if (kind === 'text') return `${train.count} training tokens, vocabulary ${facts.vocabSize}`
  const classes = (facts.labels ?? facts.classes ?? []).length
  return `${train.count} training items, ${validation.count} held out${classes > 0 ? `, ${classes} classes` : ''}`
}

/** The error that led here matters more than a record of it. */
function recordQuietly(write: () => void): void {
  try {
    write()
  } catch {
    return
  }
}

interface RecordedBeside {
  readonly status: string
  readonly preparation: readonly StepReport[]
  readonly start: Pick<RunStart, 'branch' | 'parentSha256'>
}

function runRecord(
  config: RunConfig,
  progress: RunProgress,
  device: EngineDevice,
  { status, preparation, start: { branch, parentSha256 } }: RecordedBeside,
): string {
  const { step, elapsedMs, best, latest, edits, kernels } = progress
  const record = {
    bunsenRun: 1,
    status,
    step,
    elapsedMs,
    best,
    latest,
    edits,
    ...(parentSha256 !== null && { parent: parentSha256 }),
    ...(branch && { branch }),
    device: device.info,
    kernels,
    preparation,
    versions: readVersions(),
  }
  return `${JSON.stringify({ ...record, config: JSON.parse(canonicalJson(config)) as unknown }, null, 2)}\n`
}
