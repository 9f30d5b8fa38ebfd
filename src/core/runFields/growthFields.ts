import type { Catalog } from '../catalog.ts'
import type { Field } from '../schema.ts'
import { variantOptions } from './variantOptions.ts'

/** How something grows from a share to all as a run goes on. */
function growthFields(startShare: number, what: string) {
  return {
    startShare: {
      type: 'number',
      label: 'At first',
      help: `Share ${what} that the run begins with.`,
      default: startShare,
      min: 0,
      max: 1,
      step: 0.05,
    },
    overSteps: {
      type: 'int',
      label: 'Over',
      help: 'Updates of the run, over all stages, after which it is all.',
      default: 1000,
      min: 1,
      max: 100000000,
      scale: 'log',
      unit: 'steps',
    },
    root: {
      type: 'number',
      label: 'Root',
      help: '1 grows in a line; 2, the square root, fast at first and then ever more slowly.',
      default: 2,
      min: 1,
      max: 10,
      step: 0.5,
      link: 'https://arxiv.org/abs/1903.09848',
    },
  } as const
}

/** Easy examples first. */
export function curriculumField({ difficulties }: Catalog) {
  return {
    type: 'variant',
    tag: 'kind',
    label: 'Curriculum',
    help: 'Which examples a run begins with: the easiest at first, more of them as it goes on, in the end all.',
    tasks: [
      'language-model',
      'masked-language-model',
      'image-text',
      'image-text-matching',
      'image-text-classification',
      'text-classification',
      'translation',
    ],
    default: 'none',
    isAdvanced: true,
    options: [
      { value: 'none', label: 'None', help: 'All examples from the first update on.', fields: {} },
      ...variantOptions(difficulties, () => growthFields(0.1, 'of the examples, the easiest,')),
    ],
  } as const satisfies Field
}

/** Weak changes first. */
export const severityField = {
  type: 'variant',
  tag: 'kind',
  label: 'Strength of augmentation',
  help: 'Whether pictures and texts are changed as much as their settings say from the beginning.',
  tasks: [
    'image-classification',
    'self-supervised',
    'image-text',
    'image-text-matching',
    'image-text-classification',
    'text-classification',
    'translation',
  ],
  default: 'full',
  isAdvanced: true,
  options: [
    { value: 'full', label: 'Full', help: 'As the settings say, from the first update on.', fields: {} },
    {
      value: 'growing',
      label: 'Growing',
      help: 'Weak changes at first, that become those of the settings.',
      fields: growthFields(0, 'of their strength'),
    },
  ],
} as const satisfies Field
