import { emojiData } from './parts/emoji.ts'
import type { Preset } from './registry.ts'

export default {
  id: 'emoji-groups',
  title: 'Groups of emoji',
  summary: 'Fusion: picture and name together say which of Unicode’s groups an emoji belongs to.',
  task: 'image-text-classification',
  rank: 15,
  suitsSoftware: true,
  config: {
    name: 'Groups of emoji',
    task: 'image-text-classification',
    data: emojiData,
    model: {
      kind: 'fusion',
      fusion: 'co-attention',
      numLayers: 1,
      numHeads: 4,
      embedDim: 64,
      dropoutRate: 0.2,
      image: { numLayers: 1, numHeads: 4, embedDim: 64, patchSize: 8, dropoutRate: 0.1 },
      text: { numLayers: 1, numHeads: 4, embedDim: 64, seqLen: 16, dropoutRate: 0.2 },
    },
    stages: [
      {
        totalSteps: 600,
        batchSize: 64,
        evaluateEvery: 60,
        monitor: 'validation/accuracy',
        optimizer: { kind: 'adamw', learningRate: 0.001, weightDecay: 0.1 },
        schedule: { kind: 'cosine', warmupSteps: 50 },
      },
    ],
    evaluation: { batches: 16, checkpointEvery: 200 },
  },
} satisfies Preset
