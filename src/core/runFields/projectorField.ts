import type { Field } from '../schema.ts'

/** The head that self-supervised losses look through, and that is thrown away afterwards. */
export const projectorField = {
  type: 'group',
  label: 'Projector',
  help: 'Two layers between what the model makes of an image and what the loss compares. Probes look before them.',
  isAdvanced: true,
  dataKinds: ['images'],
  tasks: ['self-supervised'],
  link: 'https://arxiv.org/abs/2002.05709',
  fields: {
    hiddenDim: {
      type: 'int',
      label: 'Hidden width',
      help: 'Units of the layer in between, and of the predictor’s where there is one.',
      default: 128,
      min: 4,
      max: 8192,
      scale: 'log',
    },
    dim: {
      type: 'int',
      label: 'Width',
      help: 'Numbers that the loss compares; DINO’s scores. VICReg and Barlow Twins want many, contrastive losses few.',
      default: 64,
      min: 2,
      max: 8192,
      scale: 'log',
    },
    prototypes: {
      type: 'int',
      label: 'Prototypes',
      help: 'Directions that SwAV assigns images to: several times as many as there may be classes.',
      default: 64,
      min: 2,
      max: 4096,
      scale: 'log',
    },
  },
} as const satisfies Field
