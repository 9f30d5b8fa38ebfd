import type { Fields } from '../../core/schema.ts'
import { transformerFields } from './transformer/transformerFields.ts'

const { numLayers, isHeadTied, ...shared } = transformerFields

/** Settings of encoder and decoder; the defaults are the first transformer's but for the place of norms. */
export const encoderDecoderFields = {
  numEncoderLayers: {
    ...numLayers,
    label: 'Layers of the encoder',
    help: 'Blocks that read the source, one after the other.',
    default: 2,
  },
  numDecoderLayers: {
    ...numLayers,
    label: 'Layers of the decoder',
    help: 'Blocks that write the target, one after the other.',
    default: 2,
  },
  ...shared,
  sharing: {
    type: 'choice',
    label: 'Shared tables',
    help: 'Which of the vectors of source tokens, of target tokens and of the head are the same weights.',
    default: 'all',
    options: [
      { value: 'all', label: 'All three', help: 'Source and target must have one vocabulary.' },
      { value: 'target', label: 'Target and head', help: 'The source has a table of its own.' },
      { value: 'none', label: 'None' },
    ],
    link: isHeadTied.link,
  },
  isEmbeddingScaled: {
    type: 'bool',
    label: 'Scaled vectors',
    help: 'Multiplies token vectors by the root of the width, so that positions do not drown shared tables.',
    default: true,
    isAdvanced: true,
  },
  positions: { ...shared.positions, default: 'sinusoidal' },
  activation: { ...shared.activation, default: 'relu' },
  initialization: { ...shared.initialization, default: 'xavier-uniform' },
} as const satisfies Fields
