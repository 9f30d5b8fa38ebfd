import type { Preset } from './registry.ts'

export default {
  id: 'digits-simclr',
  title: 'Digits without labels',
  summary:
    'Learns what handwritten digits have in common without being told which they are, then is probed for it.',
  task: 'self-supervised',
  rank: 12,
  suitsSoftware: true,
  config: {
    name: 'Digits without labels',
    task: 'self-supervised',
    data: {
      source: { kind: 'bundled', id: 'digits' },
      split: { kind: 'random-items', fraction: 0.1 },
      sampler: { kind: 'shuffled-items' },
      augmentations: [{ kind: 'crop-resize' }, { kind: 'rotate' }],
    },
    model: { kind: 'conv-net', widths: [16, 32, 64, 64], blocksPerStage: 1, stemStride: 2 },
    stages: [
      {
        totalSteps: 600,
        batchSize: 64,
        evaluateEvery: 100,
        monitor: 'validation/linearProbe',
        losses: [{ name: 'nt-xent', params: { temperature: 0.2 } }],
        optimizer: { kind: 'adamw', learningRate: 0.002 },
        schedule: { kind: 'cosine', warmupSteps: 50 },
      },
    ],
    evaluation: { batches: 16, checkpointEvery: 200 },
  },
} satisfies Preset
