import type { Preset } from './registry.ts'

export default {
  id: 'emoji-keywords',
  title: 'Keywords of emoji from their names',
  summary: 'An encoder reads a name and says which keywords belong to it, several at a time.',
  task: 'multi-label-classification',
  rank: 41,
  suitsSoftware: true,
  config: {
    name: 'Keywords of emoji from their names',
    task: 'multi-label-classification',
    data: {
      source: { kind: 'bundled', id: 'emoji-keywords' },
      split: { kind: 'random-items', fraction: 0.1 },
      sampler: { kind: 'shuffled-items' },
      table: { targetKind: 'labels' },
      tokenizer: { kind: 'words' },
    },
    model: {
      kind: 'encoder',
      numLayers: 1,
      numHeads: 4,
      embedDim: 64,
      seqLen: 16,
      dropoutRate: 0.1,
      pooling: 'mean',
    },
    stages: [
      {
        totalSteps: 600,
        batchSize: 64,
        evaluateEvery: 50,
        monitor: 'validation/microF1',
        losses: [{ name: 'binary-cross-entropy' }],
        optimizer: { kind: 'adamw', learningRate: 0.003, weightDecay: 0.05 },
        schedule: { kind: 'cosine', warmupSteps: 20 },
      },
    ],
    evaluation: { batches: 8, checkpointEvery: 100 },
  },
} satisfies Preset
