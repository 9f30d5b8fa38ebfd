import type { Fields } from '../../../core/schema.ts'
import { transformerFields } from './transformerFields.ts'

const { isHeadTied: _tied, ...shared } = transformerFields

/** Settings of a transformer that makes a vector of a text, beside another of images. */
export const textTowerFields = {
  ...shared,
  embedDim: { ...shared.embedDim, default: 64 },
  seqLen: { ...shared.seqLen, default: 32 },
  isCausal: {
    type: 'bool',
    label: 'Left to right',
    help: 'Whether a token sees those before it only, as CLIP, or all, as BERT.',
    default: true,
    isAdvanced: true,
  },
  pooling: {
    type: 'choice',
    label: 'Pooling',
    help: 'How tokens become one vector for the whole text.',
    default: 'last-token',
    options: [
      { value: 'last-token', label: 'Last token', help: 'The last one that is there, as CLIP.' },
      { value: 'class-token', label: 'First token' },
      { value: 'mean', label: 'Mean', help: 'Of all tokens that are there.' },
      { value: 'attention', label: 'Attention', help: 'What a learned query attends to.' },
    ],
  },
} as const satisfies Fields
