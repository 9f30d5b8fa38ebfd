import type { ConfigValue } from '../../../core/schema.ts'

/** What presets on emoji share, so that their results compare: the same items held out for one seed, seen in the same ways. */
export const emojiData = {
  source: { kind: 'bundled', id: 'emoji' },
  split: { kind: 'random-items', fraction: 0.1 },
  sampler: { kind: 'shuffled-items' },
  tokenizer: { kind: 'words' },
  augmentations: [{ kind: 'shift' }, { kind: 'rotate' }],
} satisfies ConfigValue

/** The towers of CLIP's preset and of its recipe in stages. */
export const emojiTowers = {
  kind: 'dual-encoder',
  image: { numLayers: 2, numHeads: 4, embedDim: 64, patchSize: 8, dropoutRate: 0.1 },
  text: {
    numLayers: 1,
    numHeads: 4,
    embedDim: 64,
    seqLen: 16,
    isCausal: false,
    pooling: 'mean',
    dropoutRate: 0.1,
  },
  projectionDim: 64,
} satisfies ConfigValue
