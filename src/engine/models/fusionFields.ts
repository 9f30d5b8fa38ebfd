import type { Fields } from '../../core/schema.ts'
import { imageTowerFields } from './transformer/imageTowerFields.ts'
import { textTowerFields } from './transformer/textTowerFields.ts'
import { transformerFields } from './transformer/transformerFields.ts'

const { numHeads, embedDim, mlpRatio, activation, dropoutRate, normEpsilon } = transformerFields

/** Settings of two towers and of what makes one thing of them. */
export const fusionFields = {
  image: {
    type: 'group',
    label: 'Images',
    help: 'The tower that reads images.',
    fields: { ...imageTowerFields, pooling: { ...imageTowerFields.pooling, default: 'mean' } },
  },
  text: {
    type: 'group',
    label: 'Texts',
    help: 'The tower that reads texts.',
    fields: {
      ...textTowerFields,
      isCausal: { ...textTowerFields.isCausal, default: false },
      pooling: { ...textTowerFields.pooling, default: 'mean' },
    },
  },
  fusion: {
    type: 'choice',
    label: 'Fusion',
    help: 'How the two come together.',
    default: 'cross-attention',
    options: [
      {
        value: 'cross-attention',
        label: 'Cross-attention',
        help: 'Tokens look at each other, then at the patches.',
      },
      {
        value: 'co-attention',
        label: 'Co-attention',
        help: 'Tokens and patches do so in step, each with blocks of its own, as ViLBERT.',
      },
      {
        value: 'bidirectional',
        label: 'Gated, both ways',
        help: 'Each side looks at the other only, and a gate says how much of it is let in.',
      },
      {
        value: 'gated',
        label: 'Gated vectors',
        help: 'One vector each, mixed number by number by a gate of both: no attention between them.',
      },
      {
        value: 'product',
        label: 'Multiplied vectors',
        help: 'One vector each, multiplied number by number: says what they have in common, and needs least data.',
      },
    ],
    link: 'https://arxiv.org/abs/1908.02265',
  },
  join: {
    type: 'choice',
    label: 'Join',
    help: 'What is made of both sides by co-attention and by gates both ways; the other fusions have nothing to join.',
    default: 'layer',
    options: [
      { value: 'layer', label: 'A layer of both', help: 'Finds out by itself how they go together.' },
      {
        value: 'product',
        label: 'Multiplied',
        help: 'Number by number, as ViLBERT tells whether a text belongs to an image.',
      },
    ],
    link: 'https://arxiv.org/abs/1908.02265',
    isAdvanced: true,
  },
  numLayers: {
    ...transformerFields.numLayers,
    label: 'Fusion layers',
    help: 'Blocks in which the two come together.',
    default: 2,
  },
  numHeads,
  embedDim: {
    ...embedDim,
    label: 'Fusion width',
    help: 'Numbers that stand for a token, a patch, or the whole while they come together.',
    default: 64,
  },
  mlpRatio,
  activation,
  normEpsilon,
  dropoutRate,
} as const satisfies Fields
