import type { Fields } from '../../core/schema.ts'
import { imageTowerFields } from './transformer/imageTowerFields.ts'
import { textTowerFields } from './transformer/textTowerFields.ts'

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
    fields: textTowerFields,
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
