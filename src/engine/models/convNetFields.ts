import type { Fields } from '../../core/schema.ts'
import { mlpFields } from './mlpFields.ts'
import { transformerFields } from './transformer/transformerFields.ts'

/** Settings of the ConvNet; the defaults are a small one for small images. */
export const convNetFields = {
  widths: {
    type: 'list',
    label: 'Widths',
    help: 'Channels of each stage; from the second on a stage begins by halving height and width.',
    item: {
      type: 'int',
      label: 'Width',
      help: 'Channels of a stage.',
      default: 32,
      min: 1,
      max: 4096,
      scale: 'log',
    },
    minItems: 1,
    maxItems: 16,
    defaultItems: 3,
  },
  blocksPerStage: {
    type: 'int',
    label: 'Blocks',
    help: 'Pairs of convolutions in each stage.',
    default: 1,
    min: 0,
    max: 64,
  },
  stemStride: {
    type: 'int',
    label: 'First stride',
    help: 'Pixels from one place to the next in the first layer: above 1 for large images.',
    default: 1,
    min: 1,
    max: 16,
  },
  hasResidual: {
    ...mlpFields.hasResidual,
    help: 'Adds to a block what it was given: lets many blocks learn.',
    default: true,
  },
  norm: {
    ...mlpFields.norm,
    help: 'What keeps channels at one scale, pixel by pixel: no statistics of a batch, so that one image gives the same alone.',
    default: 'layer-norm',
  },
  normEpsilon: transformerFields.normEpsilon,
  activation: mlpFields.activation,
  dropoutRate: transformerFields.dropoutRate,
  dropPathRate: transformerFields.dropPathRate,
  hasBias: transformerFields.hasBias,
  initialization: mlpFields.initialization,
} as const satisfies Fields
