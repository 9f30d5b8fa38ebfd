import type { Preset } from './registry.ts'

export default {
  id: 'penguins-mlp',
  title: 'Species of penguins from a table',
  summary: 'A small network tells three species apart by their measures.',
  task: 'table-classification',
  rank: 20,
  suitsSoftware: true,
  config: {
    name: 'Species of penguins from a table',
    task: 'table-classification',
    data: {
      source: { kind: 'bundled', id: 'penguins' },
      split: { kind: 'random-items', fraction: 0.2 },
      sampler: { kind: 'shuffled-items' },
      table: { target: 'Species' },
    },
    model: { kind: 'mlp' },
    stages: [
      {
        totalSteps: 400,
        batchSize: 32,
        evaluateEvery: 40,
        losses: [{ name: 'cross-entropy' }],
        optimizer: { kind: 'adamw', learningRate: 0.003 },
        schedule: { kind: 'cosine', warmupSteps: 20 },
      },
    ],
    evaluation: { batches: 16, checkpointEvery: 100 },
  },
} satisfies Preset
