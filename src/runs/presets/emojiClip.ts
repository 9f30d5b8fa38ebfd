import { emojiData, emojiTowers } from './parts/emoji.ts'
import type { Preset } from './registry.ts'

export default {
  id: 'emoji-clip',
  title: 'Emoji and their names',
  summary:
    'Two towers, CLIP’s way: finds emoji by their names and names by their emoji, for ones that it never saw.',
  task: 'image-text',
  rank: 13,
  suitsSoftware: true,
  config: {
    name: 'Emoji and their names',
    task: 'image-text',
    data: emojiData,
    model: emojiTowers,
    stages: [
      {
        totalSteps: 1500,
        batchSize: 64,
        evaluateEvery: 150,
        monitor: 'validation/recallAt5',
        losses: [{ name: 'clip' }],
        optimizer: { kind: 'adamw', learningRate: 0.002, weightDecay: 0.1 },
        schedule: { kind: 'cosine', warmupSteps: 100 },
      },
    ],
    evaluation: { batches: 16, checkpointEvery: 500 },
  },
} satisfies Preset
