import type { RunConfig } from '../../src/core/runConfig.ts'
import { totalStepsOf } from '../../src/core/runConfig.ts'
import type { CheckpointInfo, DatasetManifest, RunRecord, StoredStatus } from '../../src/storage/types.ts'
import type { TrainEvent } from '../../workers/protocol.ts'

/** Repeatable noise in [-1, 1). */
export function noise(index: number, seed: number): number {
  const x = Math.sin(index * 12.9898 + seed * 78.233) * 43758.5453
  return (x - Math.floor(x)) * 2 - 1
}

const pieces = [
  'The whalx thtn oe teh saa  hnd woe ,se in the',
  'The whale the ship and the man was the sea, and the so the captain of the ',
  'The whale, that had been the great whale in the boat, and the old man stood upon the deck; ',
  'The whale was now lying upon the water, and Ahab, standing in the bow of the boat, cried out to his men, “Give way!” ',
]

/** The events of a run up to a step, as the trainer would have sent them. */
export function fakeEvents(config: RunConfig, untilStep: number, seed = 1): TrainEvent[] {
  const events: TrainEvent[] = [
    { type: 'phase', phase: { name: 'reading data', done: 1_215_236, total: 1_215_236, unit: 'bytes' } },
    { type: 'phase', phase: { name: 'compiling', done: 31, total: 31, unit: 'kernels' } },
    { type: 'status', status: 'running', step: 0 },
  ]
  for (let step = 1; step <= untilStep; step++) events.push(...fakeStep(config, step, seed))
  return events
}

export function fakeStep(config: RunConfig, step: number, seed: number): TrainEvent[] {
  const stage = config.stages[0]!
  const total = totalStepsOf(config)
  const trend = 1.25 + seed * 0.06 + 3 * Math.exp(-step / (90 + 30 * seed)) + 0.6 * Math.exp(-step / 900)
  const rate = Number(stage.optimizer['learningRate'])
  const warm = Math.min(1, step / 100)
  const cosine = 0.1 + 0.45 * (1 + Math.cos((Math.PI * step) / total))
  const values: Record<string, number> = {
    'train/loss': trend + noise(step, seed) * 0.08,
    learningRate: rate * warm * cosine,
    gradNorm: 0.6 + 2 * Math.exp(-step / 200) + Math.abs(noise(step, seed + 3)) * 0.25,
    tokensPerSecond: 182_000 + noise(step, seed + 5) * 6000,
    stepsPerSecond: 44.4,
  }
  if (step % stage.evaluateEvery === 0) values['validation/loss'] = trend + 0.06 + step * 2e-5
  const events: TrainEvent[] = [
    { type: 'metrics', step, values, elapsedMs: step * 22.5 },
    { type: 'phase', phase: { name: 'training', done: step, total, unit: 'steps' } },
  ]
  const { sampleEvery, checkpointEvery, samplePrompt } = config.evaluation
  if (sampleEvery > 0 && step % sampleEvery === 0) {
    const text = pieces[Math.min(pieces.length - 1, Math.floor((4 * step) / total))]!
    events.push({
      type: 'sample',
      step,
      prompt: samplePrompt,
      text: text.repeat(2).slice(samplePrompt.length),
    })
  }
  if (step % checkpointEvery === 0)
    events.push({ type: 'checkpoint', step, slot: 'latest', sizeBytes: 9_870_000 })
  if (step === 400) events.push({ type: 'edit', step, setting: 'learningRate', value: 0.0008 })
  if (step === 700)
    events.push({
      type: 'notice',
      step,
      level: 'warning',
      title: 'Tab was hidden',
      detail: 'Training went on at 96 % of its rate.',
    })
  return events
}

export function fakeRecord(
  id: string,
  name: string,
  config: RunConfig,
  status: StoredStatus,
  step: number,
  index: number,
): RunRecord {
  const created = Date.UTC(2026, 9, 20 - index, 14, 5)
  return {
    id,
    version: 1,
    name,
    createdAt: created,
    updatedAt: created + step * 22.5,
    status,
    config,
    preset: 'char-gpt',
    parent: null,
    step,
    totalSteps: totalStepsOf(config),
    elapsedMs: step * 22.5,
    latest: {
      'train/loss': 1.31 + index * 0.05,
      'validation/loss': 1.42 + index * 0.04,
      learningRate: 1e-4,
      gradNorm: 0.71,
      tokensPerSecond: 182_000,
    },
    best: { metric: 'validation/loss', value: 1.402 + index * 0.04, step: Math.floor(step * 0.9) },
    device: {
      name: index === 3 ? 'SwiftShader (software)' : 'Apple M1 Pro',
      backend: 'webgpu',
      isSoftware: index === 3,
      userAgent: 'Chrome 147',
    },
    codeVersion: '0.1.0',
    error:
      status === 'failed'
        ? {
            name: 'DeviceError',
            code: 'non-finite',
            message: 'Training: the loss must be finite, got NaN at step 812 (h.2.attn.c_attn.weight)',
            remedy: 'Lower the learning rate or raise the warm-up; the checkpoint of step 750 was kept.',
            details: { step: 812 },
          }
        : null,
    color: index % 8,
    isVisible: index < 3,
    note: index === 1 ? 'Wider, half the learning rate' : '',
    tags: index === 0 ? ['baseline'] : [],
  }
}

export function fakeCheckpoints(record: RunRecord): CheckpointInfo[] {
  if (record.step === 0) return []
  return (['latest', 'best'] as const).map((slot) => ({
    runId: record.id,
    slot,
    step: slot === 'best' ? (record.best?.step ?? record.step) : record.step,
    sizeBytes: 9_870_000,
    sha256: (slot === 'best' ? 'd' : 'e').repeat(64),
    createdAt: record.updatedAt,
  }))
}

export const fakeDatasets: DatasetManifest[] = [
  {
    sha256: '1f'.repeat(32),
    version: 1,
    name: 'lab-notebook.md',
    kind: 'text',
    sizeBytes: 348_112,
    createdAt: Date.UTC(2026, 9, 18, 9, 30),
    files: [{ name: 'lab-notebook.md', sizeBytes: 348_112, importer: 'markdown' }],
    counts: { characters: 341_900, lines: 7211, distinctCharacters: 96, records: 1 },
    notices: [],
  },
  {
    sha256: '2e'.repeat(32),
    version: 1,
    name: 'reviews.csv and 2 more',
    kind: 'text',
    sizeBytes: 4_812_400,
    createdAt: Date.UTC(2026, 9, 12, 17, 2),
    files: [
      { name: 'reviews.csv', sizeBytes: 4_000_000, importer: 'csv' },
      { name: 'more.csv', sizeBytes: 800_000, importer: 'csv' },
      { name: 'notes.txt', sizeBytes: 12_400, importer: 'text' },
    ],
    counts: { characters: 4_790_233, lines: 52_118, distinctCharacters: 201, records: 18_402 },
    notices: [
      {
        level: 'warning',
        message: 'reviews.csv: 3 rows have fewer columns than the header; they were read as they are.',
      },
    ],
  },
]
