import type { Fields } from '../../core/schema.ts'
import { transformerFields } from './transformer/transformerFields.ts'

const [geluTanh, geluExact, , silu, relu, reluSquared, quickGelu] = transformerFields.activation.options
const [, , xavierUniform, xavierNormal, kaimingUniform, kaimingNormal] =
  transformerFields.initialization.options

const width = {
  type: 'int',
  label: 'Width',
  help: 'Units of a hidden layer.',
  default: 128,
  min: 1,
  max: 16384,
  scale: 'log',
} as const

export const mlpFields = {
  hidden: {
    type: 'variant',
    label: 'Hidden layers',
    help: 'How wide they are, from the features to the head.',
    tag: 'shape',
    default: 'even',
    options: [
      {
        value: 'even',
        label: 'All of one width',
        help: 'As many layers of one width as you say.',
        fields: {
          width,
          depth: {
            type: 'int',
            label: 'Depth',
            help: 'Hidden layers one after the other.',
            default: 2,
            min: 1,
            max: 64,
          },
        },
      },
      {
        value: 'list',
        label: 'One by one',
        help: 'A width for each layer.',
        fields: {
          widths: {
            type: 'list',
            label: 'Widths',
            help: 'Of the hidden layers, the first next to the features.',
            item: width,
            minItems: 1,
            maxItems: 64,
            defaultItems: 2,
          },
        },
      },
    ],
  },
  activation: {
    ...transformerFields.activation,
    help: 'The bend after each hidden layer.',
    default: 'relu',
    isAdvanced: false,
    options: [relu, geluExact, geluTanh, silu, reluSquared, quickGelu],
    link: 'https://arxiv.org/abs/1606.08415',
  },
  dropoutRate: transformerFields.dropoutRate,
  norm: {
    ...transformerFields.norm,
    help: 'What keeps hidden values at one scale. The features are left as they are.',
    default: 'none',
    options: [
      { value: 'none', label: 'None', help: 'Good for a few layers.' },
      ...transformerFields.norm.options,
    ],
    isAdvanced: false,
  },
  normEpsilon: transformerFields.normEpsilon,
  hasResidual: {
    type: 'bool',
    label: 'Residual',
    help: 'Adds to a hidden layer what it was given, where both have one width: lets many layers learn.',
    default: false,
    isAdvanced: true,
    link: 'https://arxiv.org/abs/1512.03385',
  },
  hasBias: {
    ...transformerFields.hasBias,
    help: 'Whether hidden layers and LayerNorms add a learned offset.',
  },
  initialization: {
    ...transformerFields.initialization,
    default: 'kaiming-normal',
    options: [kaimingNormal, kaimingUniform, xavierNormal, xavierUniform],
  },
} as const satisfies Fields
