import type { Fields } from '../../core/schema.ts'
import { transformerFields } from './transformer/transformerFields.ts'

/** Settings of the encoder; the defaults are BERT's choices at a small size. */
export const encoderFields = {
  ...transformerFields,
  pooling: {
    type: 'choice',
    label: 'Pooling',
    help: 'How tokens become one vector for the whole text.',
    default: 'class-token',
    options: [
      {
        value: 'class-token',
        label: 'First token',
        help: 'What stands at the first place, as BERT’s [CLS].',
      },
      { value: 'mean', label: 'Mean', help: 'Of all tokens that are there.' },
      { value: 'attention', label: 'Attention', help: 'What a learned query attends to.' },
    ],
  },
  hasPooledLayer: {
    type: 'bool',
    label: 'Layer after pooling',
    help: 'A linear layer with tanh after the pooling, as BERT has it.',
    default: false,
    isAdvanced: true,
  },
  numTokenTypes: {
    type: 'int',
    label: 'Kinds of segments',
    help: 'Vectors that tell segments of a text apart in a checkpoint, as BERT’s 2. All tokens are of the first kind. 0 for none.',
    default: 0,
    min: 0,
    max: 16,
    isAdvanced: true,
  },
  normEpsilon: { ...transformerFields.normEpsilon, default: 1e-12 },
  normPlace: { ...transformerFields.normPlace, default: 'post' },
  activation: { ...transformerFields.activation, default: 'gelu-exact' },
  initialization: { ...transformerFields.initialization, default: 'normal' },
} as const satisfies Fields
