import { DataError } from '../../src/core/errors.ts'
import type { Storage } from '../../src/runs/openStorage.ts'
import type { Workers } from '../../src/runs/workerClient.ts'
import type { RunConfig } from '../../src/core/runConfig.ts'
import type { StepReport } from '../../src/core/steps.ts'
import { createRunSchema, defaultRunConfig, totalStepsOf } from '../../src/core/runConfig.ts'
import type { DatasetManifest, RunRecord, TokenizerManifest } from '../../src/storage/types.ts'
import type {
  Control,
  DataWorkerEvent,
  DeviceInfo,
  Estimate,
  StartRequest,
  TrainEvent,
  TrainWorkerEvent,
} from '../../workers/protocol.ts'
import { fakeCatalog } from './fakeCatalog.ts'
import { fakeCheckpoints, fakeDatasets, fakeEvents, fakeRecord, fakeStep } from './fakeRuns.ts'

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export const fakeDevice: DeviceInfo = {
  backend: 'webgpu',
  name: 'Apple M1 Pro',
  vendor: 'apple',
  architecture: 'metal-3',
  device: '',
  description: '',
  isSoftware: false,
  features: ['timestamp-query', 'shader-f16'],
  limits: { maxBufferSize: 4_294_967_296, maxStorageBufferBindingSize: 4_294_967_292 },
}

/** Workers that make up a run on timers: `msPerStep` each. Pause, step, stop and edits have their effect. */
export function fakeWorkers(device: DeviceInfo, msPerStep = 22): Workers {
  const trainListeners: ((events: TrainWorkerEvent[]) => void)[] = []
  const dataListeners: ((events: DataWorkerEvent[]) => void)[] = []
  const cancelled = new Set<string>()
  let controls: Control[] = []
  const emit = (...events: TrainWorkerEvent[]) => trainListeners.forEach((listener) => listener(events))

  async function run(request: StartRequest): Promise<void> {
    const send = (...events: TrainEvent[]) =>
      emit(...events.map((event) => ({ type: 'run' as const, runId: request.runId, event })))
    const { config } = request
    const total = totalStepsOf(config)
    controls = []
    send({ type: 'status', status: 'preparing', step: 0 })
    for (let kernels = 0; kernels <= 31; kernels++) {
      send({ type: 'phase', phase: { name: 'compiling', done: kernels, total: 31, unit: 'kernels' } })
      await wait(15)
    }
    send({ type: 'status', status: 'running', step: 0 })
    let isPaused = false
    for (let step = 1; step <= total;) {
      const control = controls.shift()
      if (control?.type === 'stop') return send({ type: 'status', status: 'stopped', step: step - 1 })
      if (control?.type === 'pause' && !isPaused) {
        isPaused = true
        send({ type: 'status', status: 'paused', step: step - 1 })
      }
      if (control?.type === 'resume') {
        isPaused = false
        send({ type: 'status', status: 'running', step: step - 1 })
      }
      if (control?.type === 'checkpoint')
        send({ type: 'checkpoint', step: step - 1, slot: 'latest', sizeBytes: 9_870_000 })
      if (control?.type === 'set-learning-rate')
        send({ type: 'edit', step, setting: 'learningRate', value: control.value })
      if (!isPaused || control?.type === 'step') send(...fakeStep(config, step++, 1))
      await wait(msPerStep)
    }
    send({ type: 'status', status: 'done', step: total })
  }

  return {
    bundled: fakeCatalog.bundled,
    boot: async () => ({ catalog: fakeCatalog, device, gpuProblem: null }),
    onTrainEvents: (listener) => void trainListeners.push(listener),
    onDataEvents: (listener) => void dataListeners.push(listener),
    onDoctorEvents: () => {},
    doctor: {
      examine: () => new Promise(() => {}),
      keptDiagnosis: async () => null,
      compare: () => new Promise(() => {}),
      reportPage: async () => '',
      cancel: () => {},
    },
    train: {
      async estimate(config, _prepared, isMeasured) {
        for (let done = 0; isMeasured && done <= 31; done++) {
          emit({ type: 'warm-up', phase: { name: 'compiling', done, total: 31, unit: 'kernels' } })
          await wait(20)
        }
        if (isMeasured) emit({ type: 'warm-up', phase: null })
        return fakeEstimate(config, isMeasured)
      },
      testKernels: async () => {},
      keptPoint: async (_runId, step) => ({
        config: defaultRunConfig(createRunSchema(fakeCatalog)),
        step,
        stageIndex: 0,
        stageStep: step,
        edits: [],
      }),
      branch: async () => {},
      run,
      control: async (control) => void controls.push(control),
      async generate({ prompt }) {
        await wait(300)
        return {
          text: `${prompt} was upon the waters, and the men cried out from the boats as the line ran hot about the loggerhead`,
        }
      },
      search: async () => ({ step: 7, seen: null, unknown: [], total: 0, found: [], reports: [] }),
      evaluate: async ({ part }) => ({
        step: 7,
        evaluation: { part, items: 40, values: { loss: 1.5 }, intervals: {} },
        reports: [],
      }),
      evaluateOther: async () => ({
        of: 'other.csv',
        step: 7,
        evaluation: { part: 'test', items: 12, values: { loss: 2.5 }, intervals: {} },
        reports: [],
      }),
      unkeptCheckpoint: async () => ({ step: 7, bytes: new Uint8Array(8) }),
      exportModel: async () => ({ zip: new Uint8Array(3), step: 4, notices: ['said of it'] }),
      openWeights: async () => ({ kind: 'run', run: { runId: 'fake-1', name: 'imported', notices: [] } }),
      importWeights: async () => ({ runId: 'fake-1', name: 'imported', notices: ['said of it'] }),
      releaseWeights: async () => {},
    },
    data: {
      describe: async () => ({
        description: {
          kind: 'text',
          ...{ characters: 5, words: 1, lines: 1, blankLines: 0, lineLengths: null, preview: 'abcde' },
        },
        suggestion: { task: 'language-model', split: 'tail', why: 'It is a text.' },
        splits: ['tail', 'blocks'],
        columns: [],
      }),
      importUrl: async (_jobId, address) => ({ ...fakeDatasets[0]!, name: address }),
      async importFiles(jobId, files) {
        const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0)
        for (let part = 0; part <= 20; part++) {
          if (cancelled.has(jobId)) throw new DataError('Import: cancelled', { code: 'cancelled' })
          const progress = {
            phase: 'reading' as const,
            file: files[0]!.file.name,
            doneBytes: (totalBytes * part) / 20,
            totalBytes,
          }
          dataListeners.forEach((listener) => listener([{ type: 'import', jobId, progress }]))
          await wait(60)
        }
        if (totalBytes === 0) {
          throw new DataError(`${files[0]!.file.name}: must hold text, got 0 bytes`, {
            code: 'empty-file',
            remedy: 'Choose another file. Nothing was stored.',
          })
        }
        return { ...fakeDatasets[0]!, name: files[0]!.file.name, sizeBytes: totalBytes }
      },
      textOfTable: async () => fakeDatasets[0]!,
      reviseSet: async () => fakeDatasets[0]!,
      fileOf: async () => new File(['text'], 'fake.txt'),
      cancelImport: async (jobId) => void cancelled.add(jobId),
      patchRun: async () => {},
      deleteRun: async () => {},
      renameDataset: async () => {},
      deleteDataset: async () => {},
      keepAsked: async () => {},
      itemsAt: async () => [],
      isExamined: async () => false,
      previewAugmented: async () => [],
      previewTexts: async () => [],
      async previewItems(_source, offset) {
        return {
          kind: 'table',
          offset,
          total: 2,
          columns: ['name', 'value'],
          rows: [
            ['a', '1'],
            ['b', '2'],
          ],
          skipped: 0,
        }
      },
      async preview(source, offset, length, tokenizer) {
        const whole =
          `Call me ${JSON.stringify(source)}. Some years ago, never mind how long precisely, having little or no money in my purse, and nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of the world.\n`.repeat(
            40,
          )
        const text = whole.slice(offset, offset + length)
        return {
          text,
          offset,
          totalCharacters: whole.length,
          tokenEnds: tokenizer ? Array.from(text, (_, i) => i + 1) : [],
          metrics: tokenizer
            ? {
                bytes: text.length,
                tokens: text.length,
                words: text.split(/\s+/).length,
                bytesPerToken: 1,
                tokensPerWord: text.length / text.split(/\s+/).length,
                unknownShare: 0,
                roundTripShare: 1,
                vocabSize: 84,
                vocabularyUse: new Set(text).size / 84,
              }
            : null,
        }
      },
      prepare: async () => ({
        key: 'k',
        facts: { vocabSize: 84 },
        trainItems: 1_093_000,
        validationItems: 121_000,
        isKept: true,
        reports: fakeReports,
      }),
      takeUnkept: async () => null,
      unzipWeights: async () => null,
      saveTokenizer: async ({ name, size }) => ({ ...fakeTokenizer, name, sizeBytes: size }),
      deleteTokenizer: async () => {},
      stepUse: async () => fakeUse,
      setStepBudget: async (budgetBytes) => (fakeUse = { ...fakeUse, budgetBytes }),
      clearSteps: async () => (fakeUse = { ...fakeUse, usedBytes: 0, entries: 0 }),
    },
  }
}

const fakeTokenizer: TokenizerManifest = {
  sha256: 'e'.repeat(64),
  version: 1,
  name: 'tokenizer.json',
  kind: 'bpe',
  vocabSize: 512,
  sizeBytes: 20_000,
  createdAt: 1_760_000_000_000,
}

let fakeUse = { usedBytes: 38_400_000, budgetBytes: 1_000_000_000, entries: 9 }

const fakeReports: StepReport[] = [
  {
    step: 'text/tokenizer',
    title: 'Tokenizer',
    key: 'a',
    outcome: 'reused',
    reason: null,
    seconds: 0.002,
    costSeconds: 1.4,
    sizeBytes: 900,
    unkept: null,
  },
  {
    step: 'text/tokens',
    title: 'Tokens of both parts',
    key: 'k',
    outcome: 'computed',
    reason: {
      kind: 'changed',
      changes: [{ of: 'setting', name: 'split.fraction', before: 0.1, now: 0.2 }],
    },
    seconds: 0.8,
    costSeconds: 0.8,
    sizeBytes: 1_214_000,
    unkept: null,
  },
]

function fakeEstimate(config: RunConfig, isMeasured: boolean): Estimate {
  const width = Number(config.model['embedDim'])
  const layers = Number(config.model['numLayers'])
  const parameterCount = 12 * layers * width * width + 212 * width
  const activations =
    (config.stages[0]?.batchSize ?? 1) * Number(config.model['seqLen']) * width * layers * 34
  const total = parameterCount * 16 + activations + 4_000_000
  const allowed = 2_147_483_644
  return {
    parameterCount,
    memory: {
      parameters: parameterCount * 4,
      gradients: parameterCount * 4,
      optimizer: parameterCount * 8,
      activations,
      workspace: 4_000_000,
      total,
      other: 0,
      isExact: isMeasured,
      stageIndex: 0,
      isCheckpointed: false,
      areLogitsInParts: false,
      budget: config.memory.budgetMegabytes * 1e6,
      largest: { name: 'logits', shape: [1], sizeBytes: activations / layers, kind: 'activation' },
      limit: { name: 'maxStorageBufferBindingSize', bytes: allowed },
    },
    msPerStep: isMeasured ? 4 + (parameterCount * (config.stages[0]?.batchSize ?? 1)) / 1.6e6 : null,
    facts: { vocabSize: 84 },
    trainItems: 1_093_000,
    validationItems: 121_000,
    learningRates: Array.from({ length: 100 }, (_, i) => (i < 10 ? i / 1e4 : 1e-3 * Math.cos((i - 10) / 60))),
    problems:
      total > allowed
        ? [
            {
              name: 'DeviceError',
              code: 'too-large',
              message: `Memory: the run needs ${(total / 1e9).toFixed(1)} GB, this adapter allows ${(allowed / 1e9).toFixed(1)} GB`,
              remedy: 'Halve the batch size and double the accumulation.',
              details: {},
            },
          ]
        : [],
  }
}

export function fakeStorage(config: RunConfig): Storage {
  const wide: RunConfig = { ...config, model: { ...config.model, embedDim: 192 } }
  let runs: RunRecord[] = [
    fakeRecord('fake-1', 'Character GPT on Moby Dick', config, 'done', 3000, 0),
    fakeRecord('fake-2', 'Wider', wide, 'stopped', 1800, 1),
    fakeRecord('fake-3', 'Character GPT on Moby Dick', config, 'failed', 812, 2),
    fakeRecord('fake-4', 'Tiny character GPT on Moby Dick', config, 'interrupted', 240, 3),
  ]
  let datasets: DatasetManifest[] = [...fakeDatasets]
  let count = 0
  return {
    listRuns: async () => runs.map((run) => ({ kind: 'run' as const, run })),
    liveRuns: async () => new Set<string>(),
    readHandles: async () => [],
    persist: async () => true,
    patchRun: async (id, change) =>
      void (runs = runs.map((run) => (run.id === id ? { ...run, ...change } : run))),
    deleteRun: async (id) => void (runs = runs.filter((run) => run.id !== id)),
    newRunId: () => `fake-new-${++count}`,
    async readEvents(id) {
      const run = runs.find((record) => record.id === id)
      if (!run) return []
      const events: TrainEvent[] = [
        ...fakeEvents(run.config, run.step, 1 + runs.indexOf(run)),
        { type: 'status', status: run.status, step: run.step },
      ]
      return events.map((event) => ({ step: 'step' in event ? event.step : 0, event }))
    },
    listKept: async (id) => runs.filter((run) => run.id === id).flatMap(fakeCheckpoints),
    listCheckpoints: async (id) => runs.filter((run) => run.id === id).flatMap(fakeCheckpoints),
    loadCheckpoint: async () => ({ bytes: new Uint8Array(64), step: 3000 }),
    listDatasets: async () => datasets,
    renameDataset: async (sha256, name) =>
      void (datasets = datasets.map((set) => (set.sha256 === sha256 ? { ...set, name } : set))),
    deleteDataset: async (sha256) => void (datasets = datasets.filter((set) => set.sha256 !== sha256)),
    readAsked: async () => undefined,
    keepAsked: async () => {},
    listTokenizers: async () => [],
    space: async () => ({ usedBytes: 41_200_000, quotaBytes: 12_400_000_000, isPersistent: true }),
  }
}
