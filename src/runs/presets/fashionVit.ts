import type { Preset } from './registry.ts'

export default {
  id: 'fashion-vit',
  title: 'Vision transformer on clothes',
  summary: 'Tells clothes and shoes apart, which is harder than digits.',
  task: 'image-classification',
  rank: 11,
  suitsSoftware: true,
  config: {
    name: 'Vision transformer on clothes',
    task: 'image-classification',
    data: {
      source: { kind: 'bundled', id: 'fashion' },
      split: { kind: 'random-items', fraction: 0.05 },
      sampler: { kind: 'shuffled-items' },
      augmentations: [{ kind: 'shift' }, { kind: 'flip' }],
    },
    model: {
      kind: 'vit',
      numLayers: 3,
      numHeads: 4,
      embedDim: 64,
      patchSize: 7,
      pooling: 'mean',
      dropoutRate: 0,
    },
    stages: [
      {
        totalSteps: 5000,
        batchSize: 64,
        evaluateEvery: 250,
        monitor: 'validation/accuracy',
        losses: [{ name: 'cross-entropy' }],
        optimizer: { kind: 'adamw', learningRate: 0.002 },
        schedule: { kind: 'cosine', warmupSteps: 100 },
      },
    ],
    evaluation: { batches: 16, checkpointEvery: 500 },
  },
} satisfies Preset
