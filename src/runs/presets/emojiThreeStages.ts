import { emojiData, emojiTowers } from './parts/emoji.ts'
import type { Preset } from './registry.ts'

const optimizer = (learningRate: number) => ({ kind: 'adamw', learningRate, weightDecay: 0.1 })
const decorrelation = (weight: number) => ({ name: 'decorrelation', weight })
const shared = { batchSize: 64, evaluateEvery: 100, monitor: 'validation/recallAt5' }

export default {
  id: 'emoji-three-stages',
  title: 'Emoji and their names, in three stages',
  summary:
    'Contrast within batches, then against a queue of earlier names, then hard negatives without forgetting: one run.',
  task: 'image-text',
  rank: 16,
  suitsSoftware: true,
  config: {
    name: 'Emoji and their names, in three stages',
    task: 'image-text',
    data: emojiData,
    model: emojiTowers,
    stages: [
      {
        ...shared,
        totalSteps: 700,
        losses: [{ name: 'clip' }, decorrelation(0.25)],
        optimizer: optimizer(0.002),
        schedule: { kind: 'cosine', warmupSteps: 100, finalFraction: 0.3 },
      },
      {
        ...shared,
        totalSteps: 500,
        losses: [{ name: 'moco', params: { queueSize: 1024 } }, { name: 'clip' }, decorrelation(0.25)],
        optimizer: optimizer(0.0006),
        weightAverage: { isEnabled: true, decay: 0.99, isEvaluated: false },
        schedule: { kind: 'cosine', warmupSteps: 50, finalFraction: 0.3 },
      },
      {
        ...shared,
        totalSteps: 300,
        losses: [
          { name: 'hard-negatives', params: { temperature: 0.05 } },
          { name: 'feature-consistency', weight: 0.5 },
          decorrelation(0.1),
        ],
        optimizer: optimizer(0.0002),
        // Hardly moves: what the stage before had learned.
        weightAverage: { isEnabled: true, decay: 0.999999, isEvaluated: false },
        earlyStopping: { isEnabled: true, patience: 3 },
      },
    ],
    evaluation: { batches: 16, checkpointEvery: 500 },
  },
} satisfies Preset
