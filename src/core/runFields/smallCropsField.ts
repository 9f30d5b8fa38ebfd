import type { Field } from '../schema.ts'

/** Of each picture: each is an array of its own in a batch. */
export const mostSmallCrops = 16

/** More views of each picture, of little area and few pixels: multi-crop. */
export const smallCropsField = {
  type: 'group',
  label: 'Small crops',
  help: 'Further views of each picture, which show a little of it in few pixels: losses on views and prototypes learn from them what the whole is.',
  isAdvanced: true,
  dataKinds: ['images'],
  tasks: ['self-supervised'],
  link: 'https://arxiv.org/abs/2006.09882',
  fields: {
    count: {
      type: 'int',
      label: 'How many',
      help: 'Of each picture; 0 for none.',
      default: 0,
      min: 0,
      max: mostSmallCrops,
    },
    size: {
      type: 'int',
      label: 'Size',
      help: 'Height and width; a multiple of the patch size where there are patches.',
      default: 16,
      min: 1,
      max: 1024,
      scale: 'log',
      unit: 'pixels',
    },
    minScale: {
      type: 'number',
      label: 'Smallest part',
      help: 'Least share of the area that is shown.',
      default: 0.05,
      min: 0.01,
      max: 1,
      step: 0.01,
    },
    maxScale: {
      type: 'number',
      label: 'Largest part',
      help: 'Greatest share of the area that is shown.',
      default: 0.4,
      min: 0.01,
      max: 1,
      step: 0.01,
    },
  },
} as const satisfies Field
