import type { Catalog } from '../catalog.ts'
import type { Field } from '../schema.ts'
import { variantOptions } from './variantOptions.ts'

/** Whose updates are counted. */
const ofRun = 'Updates of the run, over all stages,'
const ofStage = 'Updates of the stage'

/** How something grows from a share to all as a run goes on, or a stage. */
function growthFields(startShare: number, what: string, counted: string) {
  return {
    startShare: {
      type: 'number',
      label: 'At first',
      help: `Share ${what} to begin with.`,
      default: startShare,
      min: 0,
      max: 1,
      step: 0.05,
    },
    overSteps: {
      type: 'int',
      label: 'Over',
      help: `${counted} after which it is all.`,
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

/** Tasks whose examples are texts, or have some: what a curriculum compares. */
export const textTasks = [
  'language-model',
  'masked-language-model',
  'image-text',
  'image-text-matching',
  'image-text-classification',
  'text-classification',
  'multi-label-classification',
  'multi-label-classification',
  'translation',
] as const

/** Of a stage: what the run does, which goes on over all stages. */
const asTheRun = {
  value: 'run',
  label: 'As the run’s',
  help: 'What the settings of the data say, counted over all stages.',
  fields: {},
} as const

function curriculumOptions({ difficulties }: Catalog, counted: string) {
  return [
    { value: 'none', label: 'None', help: 'All examples from the first update on.', fields: {} },
    ...variantOptions(difficulties, () => growthFields(0.1, 'of the examples, the easiest,', counted)),
  ]
}

/** Easy examples first. */
export function curriculumField(catalog: Catalog) {
  return {
    type: 'variant',
    tag: 'kind',
    label: 'Curriculum',
    help: 'Which examples a run begins with: the easiest at first, more of them as it goes on, in the end all.',
    tasks: textTasks,
    default: 'none',
    isAdvanced: true,
    options: curriculumOptions(catalog, ofRun),
  } as const satisfies Field
}

/** Easy examples first, in one stage. */
export function stageCurriculumField(catalog: Catalog) {
  return {
    type: 'variant',
    tag: 'kind',
    label: 'Curriculum',
    help: 'Which examples the stage begins with, where it has an order of its own: the easiest at first, in the end all.',
    tasks: textTasks,
    default: 'run',
    isAdvanced: true,
    options: [asTheRun, ...curriculumOptions(catalog, ofStage)],
  } as const satisfies Field
}

const augmentedTasks = [
  'image-classification',
  'self-supervised',
  'image-text',
  'image-text-matching',
  'image-text-classification',
  'text-classification',
  'multi-label-classification',
  'multi-label-classification',
  'translation',
] as const

function severityOptions(counted: string) {
  return [
    { value: 'full', label: 'Full', help: 'As the settings say, from the first update on.', fields: {} },
    {
      value: 'growing',
      label: 'Growing',
      help: 'Weak changes at first, that become those of the settings.',
      fields: growthFields(0, 'of their strength', counted),
    },
  ] as const
}

/** Weak changes first. */
export const severityField = {
  type: 'variant',
  tag: 'kind',
  label: 'Strength of augmentation',
  help: 'Whether pictures and texts are changed as much as their settings say from the beginning.',
  tasks: augmentedTasks,
  default: 'full',
  isAdvanced: true,
  options: severityOptions(ofRun),
} as const satisfies Field

/** Weak changes first, in one stage. */
export const stageSeverityField = {
  type: 'variant',
  tag: 'kind',
  label: 'Strength of augmentation',
  help: 'How strongly the stage changes pictures and texts, where it differs from the run.',
  tasks: augmentedTasks,
  default: 'run',
  isAdvanced: true,
  options: [asTheRun, ...severityOptions(ofStage)],
} as const satisfies Field
