import type { Preset } from './registry.ts'

export default {
  id: 'moby-masked',
  title: 'Hidden letters of Moby-Dick',
  summary: 'An encoder finds letters again that were hidden, by what stands on both sides of them.',
  task: 'masked-language-model',
  rank: 30,
  suitsSoftware: true,
  config: {
    name: 'Hidden letters of Moby-Dick',
    task: 'masked-language-model',
    data: { source: { kind: 'bundled', id: 'moby-dick' } },
    model: { kind: 'encoder', numLayers: 2, numHeads: 4, embedDim: 64, seqLen: 64, dropoutRate: 0 },
    stages: [
      {
        totalSteps: 2000,
        batchSize: 32,
        evaluateEvery: 200,
        losses: [{ name: 'cross-entropy' }],
        optimizer: { kind: 'adamw', learningRate: 0.003 },
        schedule: { kind: 'cosine', warmupSteps: 100 },
      },
    ],
    evaluation: { batches: 16, checkpointEvery: 500, sampleEvery: 0 },
  },
} satisfies Preset
