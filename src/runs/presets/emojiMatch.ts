import { emojiData } from './parts/emoji.ts'
import type { Preset } from './registry.ts'

export default {
  id: 'emoji-match',
  title: 'Does the name fit the emoji?',
  summary:
    'Fusion: multiplies what it makes of a picture and of a name, to say whether the name is its own or another’s.',
  task: 'image-text-matching',
  rank: 14,
  suitsSoftware: true,
  config: {
    name: 'Does the name fit the emoji?',
    task: 'image-text-matching',
    // Without these changes it learns pictures and names by heart, and knows fewer that it never saw.
    data: {
      ...emojiData,
      augmentations: [
        ...emojiData.augmentations,
        { kind: 'crop-resize', minScale: 0.6 },
        { kind: 'color-jitter' },
      ],
      textAugmentations: [{ kind: 'drop-tokens' }],
    },
    model: {
      kind: 'fusion',
      fusion: 'product',
      embedDim: 64,
      dropoutRate: 0.1,
      image: { numLayers: 2, numHeads: 4, embedDim: 64, patchSize: 8, dropoutRate: 0.1 },
      text: { numLayers: 1, numHeads: 4, embedDim: 64, seqLen: 16, dropoutRate: 0.1 },
    },
    stages: [
      {
        totalSteps: 1500,
        batchSize: 64,
        evaluateEvery: 150,
        monitor: 'validation/accuracy',
        losses: [{ name: 'cross-entropy' }, { name: 'clip' }],
        optimizer: { kind: 'adamw', learningRate: 0.002, weightDecay: 0.1 },
        schedule: { kind: 'cosine', warmupSteps: 100 },
      },
    ],
    evaluation: { batches: 16, checkpointEvery: 500 },
  },
} satisfies Preset
