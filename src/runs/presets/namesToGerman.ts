import type { Preset } from './registry.ts'

export default {
  id: 'names-to-german',
  title: 'English names in German',
  summary:
    'Encoder and decoder, letter by letter: turns names of emoji, languages and countries that it never saw into German.',
  task: 'translation',
  rank: 50,
  suitsSoftware: true,
  config: {
    name: 'English names in German',
    task: 'translation',
    data: {
      source: { kind: 'bundled', id: 'cldr-names' },
      split: { kind: 'random-items', fraction: 0.1 },
      sampler: { kind: 'length-buckets' },
      tokenizer: { kind: 'characters' },
      table: { text: 'en', target: 'de', targetKind: 'text' },
    },
    model: {
      kind: 'encoder-decoder',
      numEncoderLayers: 2,
      numDecoderLayers: 1,
      numHeads: 4,
      embedDim: 64,
      seqLen: 48,
      dropoutRate: 0.1,
    },
    stages: [
      {
        totalSteps: 3000,
        batchSize: 32,
        evaluateEvery: 500,
        monitor: 'validation/chrF',
        optimizer: { kind: 'adamw', learningRate: 0.002, weightDecay: 0.05 },
        schedule: { kind: 'cosine', warmupSteps: 200 },
      },
    ],
    evaluation: { batches: 10, checkpointEvery: 500, sampleEvery: 0, samplePrompt: 'happy whale' },
  },
} satisfies Preset
