import type { Preset } from './registry.ts'

export default {
  id: 'digits-conv-net',
  title: 'Convolutional network on digits',
  summary: 'Tells handwritten digits apart within half a minute.',
  task: 'image-classification',
  rank: 9,
  suitsSoftware: true,
  config: {
    name: 'Convolutional network on digits',
    task: 'image-classification',
    data: {
      source: { kind: 'bundled', id: 'digits' },
      split: { kind: 'random-items', fraction: 0.1 },
      sampler: { kind: 'shuffled-items' },
      augmentations: [{ kind: 'shift' }],
    },
    model: { kind: 'conv-net', widths: [16, 32, 64, 64], blocksPerStage: 1, stemStride: 2 },
    stages: [
      {
        totalSteps: 1000,
        batchSize: 32,
        evaluateEvery: 100,
        monitor: 'validation/accuracy',
        losses: [{ name: 'cross-entropy' }],
        optimizer: { kind: 'adamw', learningRate: 0.005 },
        schedule: { kind: 'cosine', warmupSteps: 50 },
      },
    ],
    evaluation: { batches: 32, checkpointEvery: 250 },
  },
} satisfies Preset
