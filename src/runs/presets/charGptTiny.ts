import type { Preset } from './registry.ts'

export default {
  id: 'char-gpt-tiny',
  title: 'Tiny character GPT on Moby Dick',
  summary: 'A GPT small enough for a CPU or a software GPU to train while you watch.',
  task: 'language-model',
  rank: 1,
  suitsSoftware: true,
  config: {
    name: 'Tiny character GPT on Moby Dick',
    task: 'language-model',
    data: { source: { kind: 'bundled', id: 'moby-dick-opening' }, tokenizer: { kind: 'characters' } },
    model: { kind: 'gpt', numLayers: 1, numHeads: 2, embedDim: 32, seqLen: 32 },
    stages: [
      {
        totalSteps: 600,
        batchSize: 8,
        evaluateEvery: 50,
        optimizer: { kind: 'adamw', learningRate: 0.004 },
        schedule: { kind: 'cosine', warmupSteps: 20 },
      },
    ],
    evaluation: {
      batches: 2,
      sampleEvery: 100,
      sampleTokens: 80,
      samplePrompt: 'The whale',
      checkpointEvery: 100,
    },
  },
} satisfies Preset
