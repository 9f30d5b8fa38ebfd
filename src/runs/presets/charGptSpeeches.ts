import type { Preset } from './registry.ts'

export default {
  id: 'char-gpt-speeches',
  title: 'Character GPT on presidents’ speeches',
  summary: 'Rotary positions, RMSNorm and SwiGLU on two centuries of State of the Union addresses.',
  task: 'language-model',
  rank: 2,
  suitsSoftware: false,
  config: {
    name: 'Character GPT on presidents’ speeches',
    task: 'language-model',
    data: { source: { kind: 'bundled', id: 'state-of-the-union' }, tokenizer: { kind: 'characters' } },
    model: {
      kind: 'gpt',
      numLayers: 4,
      numHeads: 4,
      embedDim: 192,
      seqLen: 128,
      positions: 'rotary',
      norm: 'rms-norm',
      activation: 'swiglu',
    },
    stages: [
      {
        totalSteps: 5000,
        batchSize: 32,
        evaluateEvery: 200,
        optimizer: { kind: 'adamw', learningRate: 0.001 },
        schedule: { kind: 'cosine', warmupSteps: 200 },
      },
    ],
    evaluation: { sampleEvery: 500, samplePrompt: 'Fellow citizens' },
  },
} satisfies Preset
