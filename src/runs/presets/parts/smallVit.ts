import type { ConfigValue } from '../../../core/schema.ts'

/** The ViT of presets on pictures of 28 x 28, and how it is trained, so that their results compare. */
export const smallVit = {
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
} satisfies ConfigValue
