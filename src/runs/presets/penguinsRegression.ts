import type { Preset } from './registry.ts'

export default {
  id: 'penguins-regression',
  title: 'Weights of penguins from a table',
  summary: 'A small network says how heavy a penguin is, in grams.',
  task: 'table-regression',
  rank: 21,
  suitsSoftware: true,
  config: {
    name: 'Weights of penguins from a table',
    task: 'table-regression',
    data: {
      source: { kind: 'bundled', id: 'penguins' },
      split: { kind: 'random-items', fraction: 0.2 },
      sampler: { kind: 'shuffled-items' },
      table: { target: 'Body Mass (g)' },
    },
    model: { kind: 'mlp' },
    stages: [
      {
        totalSteps: 600,
        batchSize: 32,
        evaluateEvery: 50,
        monitor: 'validation/meanAbsoluteError',
        losses: [{ name: 'mean-squared-error' }],
        optimizer: { kind: 'adamw', learningRate: 0.003 },
        schedule: { kind: 'cosine', warmupSteps: 20 },
      },
    ],
    evaluation: { batches: 16, checkpointEvery: 150 },
  },
} satisfies Preset
