import { emojiData } from './parts/emoji.ts'
import type { Preset } from './registry.ts'

/** Learns these parts only. The first match counts. */
const only = (...matches: string[]) => [
  ...matches.map((match) => ({ match })),
  { match: '*', isFrozen: true },
]
const contrast = [{ name: 'clip' }]
const shared = { batchSize: 64, evaluateEvery: 150, monitor: 'validation/loss' }
const phase = (totalSteps: number, ...matches: string[]) => ({
  ...shared,
  totalSteps,
  losses: contrast,
  optimizer: { kind: 'adamw', learningRate: 0.002, weightDecay: 0.1 },
  schedule: { kind: 'cosine', warmupSteps: 30 },
  components: only(...matches),
})

export default {
  id: 'emoji-seven-phases',
  title: 'Match or no match, in seven phases',
  summary:
    'From scratch, part by part: early layers of pictures, then of words, middle ones, late ones, fusion, and all with hard negatives.',
  task: 'image-text-matching',
  rank: 17,
  suitsSoftware: true,
  config: {
    name: 'Match or no match, in seven phases',
    task: 'image-text-matching',
    data: emojiData,
    model: {
      kind: 'fusion',
      fusion: 'cross-attention',
      numLayers: 1,
      numHeads: 4,
      embedDim: 64,
      dropoutRate: 0.1,
      image: { numLayers: 3, numHeads: 4, embedDim: 64, patchSize: 8, dropoutRate: 0.1 },
      text: { numLayers: 3, numHeads: 4, embedDim: 64, seqLen: 16, dropoutRate: 0.1 },
    },
    stages: [
      // Pictures are moved little at first.
      { ...phase(150, 'image.patches', 'image.h.0'), severity: { kind: 'growing', overSteps: 150 } },
      phase(150, 'text.wte', 'text.wpe', 'text.h.0'),
      phase(150, 'image.h.1'),
      phase(150, 'text.h.1'),
      phase(150, 'image.h.2', 'image.ln_f', 'text.h.2', 'text.ln_f'),
      { ...phase(200, 'fusion', 'classes'), losses: [{ name: 'cross-entropy' }] },
      {
        ...shared,
        monitor: 'validation/accuracy',
        totalSteps: 500,
        losses: [{ name: 'cross-entropy' }, { name: 'hard-negatives' }],
        optimizer: { kind: 'adamw', learningRate: 0.0005, weightDecay: 0.1 },
        schedule: { kind: 'cosine', warmupSteps: 50 },
      },
    ],
    evaluation: { batches: 16, checkpointEvery: 500 },
  },
} satisfies Preset
