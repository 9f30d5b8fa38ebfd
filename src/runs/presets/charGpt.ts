import type { Preset } from './registry.ts'

export default {
  id: 'char-gpt',
  title: 'Character GPT on Moby Dick',
  summary: 'A small GPT learns to write Melville, letter by letter.',
  task: 'language-model',
  rank: 0,
  suitsSoftware: false,
  config: {
    name: 'Character GPT on Moby Dick',
    task: 'language-model',
    data: { source: { kind: 'bundled', id: 'moby-dick' }, tokenizer: { kind: 'characters' } },
    model: { kind: 'gpt', numLayers: 4, numHeads: 4, embedDim: 128, seqLen: 128 },
    stages: [
      {
        totalSteps: 3000,
        batchSize: 32,
        evaluateEvery: 100,
        optimizer: { kind: 'adamw', learningRate: 0.001 },
        schedule: { kind: 'cosine', warmupSteps: 100 },
      },
    ],
    evaluation: { sampleEvery: 250, samplePrompt: 'The whale' },
  },
} satisfies Preset
