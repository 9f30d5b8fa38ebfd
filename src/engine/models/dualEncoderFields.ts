import type { Fields } from '../../core/schema.ts'
import { imageTowerFields } from './transformer/imageTowerFields.ts'
import { transformerFields } from './transformer/transformerFields.ts'

const { isHeadTied: _tied, ...textFields } = transformerFields

/** Settings of two towers and what brings them together; the defaults are CLIP's choices at a small size. */
export const dualEncoderFields = {
  image: {
    type: 'group',
    label: 'Images',
    help: 'The tower that reads images.',
    fields: imageTowerFields,
  },
  text: {
    type: 'group',
    label: 'Texts',
    help: 'The tower that reads texts.',
    fields: {
      ...textFields,
      embedDim: { ...textFields.embedDim, default: 64 },
      seqLen: { ...textFields.seqLen, default: 32 },
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
    },
  },
  projectionDim: {
    type: 'int',
    label: 'Shared width',
    help: 'Numbers in which images and texts are compared.',
    default: 64,
    min: 1,
    max: 8192,
    scale: 'log',
  },
  projection: {
    type: 'choice',
    label: 'Projection',
    help: 'What takes each tower into the shared space.',
    default: 'linear',
    options: [
      { value: 'linear', label: 'Linear', help: 'One matrix without offset, as CLIP.' },
      { value: 'mlp', label: 'Two layers', help: 'With a GELU between, as wide as the shared space.' },
    ],
  },
} as const satisfies Fields
