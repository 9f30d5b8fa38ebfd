import { expect, it } from 'vitest'
import { float32Tensor } from '../src/core/hostTensor.ts'
import { createRunSchema, parseRunConfig } from '../src/core/runConfig.ts'
import { freshProgress } from '../src/engine/training/trainRun.ts'
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../src/storage/checkpoint.ts'
import { createCatalog } from './catalog.ts'
import { decodeRunCheckpoint, encodeRunCheckpoint } from './checkpointOfRun.ts'

const config = parseRunConfig(createRunSchema(createCatalog()), {})
const best = { metric: 'validation/loss', value: 2.5, step: 5 }
const kernels = { adapter: 'A GPU', matmul: { 'nt 64 32 16': 'shared-64x64' } }
const progress = {
  ...freshProgress(),
  step: 7,
  stageStep: 7,
  elapsedMs: 12,
  best,
  kernels,
  towers: { rates: [1, 0.5], sums: [0.25, 3], count: 2 },
  neighbours: { perItem: 2, items: Int32Array.of(1, -1, 0, -1) },
}
const bytes = encodeRunCheckpoint({
  branch: null,
  config,
  progress,
  tensors: new Map([['w', float32Tensor([1], Float32Array.of(1))]]),
  coding: { facts: { vocabSize: 256 }, tokenizer: { kind: 'bytes', state: {} } },
  parent: null,
})

function edited(change: Partial<Checkpoint>): Uint8Array {
  const decoded = decodeCheckpoint(bytes)
  if (decoded.kind !== 'bunsen') throw new Error('not ours')
  return encodeCheckpoint({ ...decoded.checkpoint, ...change })
}

it('gives back the progress that was saved', () => {
  expect(decodeRunCheckpoint(bytes, config).progress).toEqual(progress)
})

it.each<[string, Partial<Checkpoint>]>([
  ['stage', { stage: 1 }],
  ['cursor.step', { step: 3 }],
  ['cursor.stageStep', { cursor: { step: 7, stageStep: 8 } }],
  ['generator.kind', { generator: { kind: 'mersenne-twister', seed: 1 } }],
  ['trainer.elapsedMs', { trainer: { elapsedMs: 'x', evaluationsSinceBest: 0, best: null } }],
  [
    'trainer.best.value',
    { trainer: { elapsedMs: 0, evaluationsSinceBest: 0, best: { ...best, value: 'NaN' } } },
  ],
  [
    'kernels.matmul.nn 8 8 8',
    {
      trainer: {
        elapsedMs: 0,
        evaluationsSinceBest: 0,
        best: null,
        kernels: { ...kernels, matmul: { 'nn 8 8 8': 'no-such-kernel' } },
      },
    },
  ],
  [
    'trainer.best.metric',
    { trainer: { elapsedMs: 0, evaluationsSinceBest: 0, best: { ...best, metric: {} } } },
  ],
  ['trainer.best.step', { trainer: { elapsedMs: 0, evaluationsSinceBest: 0, best: { ...best, step: 8 } } }],
  ['edits', { edits: [{ step: 1, setting: 'batchSize', value: 1 }] }],
  ['edits', { edits: [{ step: 1, setting: 'learningRate', value: -5 }] }],
])('refuses an edited %s by name', (field, change) => {
  expect(() => decodeRunCheckpoint(edited(change), null)).toThrow(
    expect.objectContaining({ code: 'checkpoint-invalid', details: { field } }),
  )
})
