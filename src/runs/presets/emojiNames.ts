import type { Preset } from './registry.ts'

export default {
  id: 'emoji-names',
  title: 'Kinds of emoji from their names',
  summary: 'An encoder reads a name and says whether it is food, a flag, an animal or something else.',
  task: 'text-classification',
  rank: 40,
  suitsSoftware: true,
  config: {
    name: 'Kinds of emoji from their names',
    task: 'text-classification',
    data: {
      source: { kind: 'bundled', id: 'emoji-names' },
      split: { kind: 'random-items', fraction: 0.1 },
      sampler: { kind: 'shuffled-items' },
      tokenizer: { kind: 'words' },
    },
    model: {
      kind: 'encoder',
      numLayers: 2,
      numHeads: 4,
      embedDim: 64,
      seqLen: 16,
      dropoutRate: 0.2,
      pooling: 'mean',
    },
    stages: [
      {
        totalSteps: 200,
        batchSize: 64,
        evaluateEvery: 25,
        monitor: 'validation/accuracy',
        losses: [{ name: 'cross-entropy' }],
        optimizer: { kind: 'adamw', learningRate: 0.001, weightDecay: 0.1 },
        schedule: { kind: 'cosine', warmupSteps: 20 },
      },
    ],
    evaluation: { batches: 8, checkpointEvery: 100 },
  },
} satisfies Preset
