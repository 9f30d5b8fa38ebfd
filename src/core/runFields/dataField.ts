import type { Catalog } from '../catalog.ts'
import type { Field } from '../schema.ts'
import { curriculumField, severityField } from './growthFields.ts'
import { contentFields } from './contentFields.ts'
import { smallCropsField } from './smallCropsField.ts'
import { tokenizerField } from './tokenizerField.ts'
import { variantOptions } from './variantOptions.ts'

/** Of mixing. */
const alpha = {
  type: 'number',
  label: 'Alpha',
  help: 'Of the Beta distribution of shares: below 1 one of both is hardly seen, above both are.',
  min: 0.05,
  max: 10,
  step: 0.05,
} as const

/** What the model learns from, and how it is cut up. The first of each kind is the default. */
export function dataField(catalog: Catalog) {
  const firstOf = (entries: readonly { id: string }[]) => entries[0]!.id
  return {
    type: 'group',
    label: 'Data',
    help: 'What the model learns from, and how it is cut up.',
    fields: {
      source: {
        type: 'variant',
        tag: 'kind',
        label: 'Source',
        help: 'A data set that comes with Bunsen, or one of yours that is stored in this browser.',
        default: 'bundled',
        options: [
          {
            value: 'bundled',
            label: 'Comes with Bunsen',
            help: 'Real data taken from packages when the app was built.',
            fields: {
              id: {
                type: 'choice',
                label: 'Data set',
                help: 'Which of the bundled sets.',
                default: firstOf(catalog.bundled),
                options: catalog.bundled.map(({ id, title, summary }) => ({
                  value: id,
                  label: title,
                  help: summary,
                })),
              },
            },
          },
          {
            value: 'stored',
            label: 'Yours',
            help: 'A set that you dropped on the page; it never leaves this browser.',
            fields: contentFields('Its name when it was dropped.'),
          },
        ],
      },
      split: {
        type: 'variant',
        tag: 'kind',
        label: 'Split',
        help: 'Which part is kept apart to measure what was learned.',
        default: firstOf(catalog.splits),
        options: variantOptions(catalog.splits),
      },
      images: {
        type: 'group',
        label: 'Images',
        dataKinds: ['images'],
        help: 'How pictures are made alike. Texts and tables are not changed by it.',
        fields: {
          size: {
            type: 'int',
            label: 'Side',
            help: 'Height and width that every picture is brought to; 0 leaves them as they are.',
            default: 0,
            min: 0,
            max: 512,
            unit: 'pixels',
          },
          color: {
            type: 'choice',
            label: 'Colours',
            help: 'Grey has a third of the numbers.',
            default: 'as-is',
            options: [
              { value: 'as-is', label: 'As they are' },
              { value: 'grey', label: 'Grey' },
            ],
          },
        },
      },
      table: {
        type: 'group',
        label: 'Table',
        dataKinds: ['table'],
        help: 'Which column is learned from the others. Texts and pictures are not changed by it.',
        fields: {
          target: {
            type: 'text',
            label: 'Target',
            help: 'Name of the column that is to be predicted; empty takes one called label, class or the like, else the last.',
            default: '',
            maxLength: 200,
            suggests: 'columns',
          },
          text: {
            type: 'text',
            label: 'Text',
            help: 'Name of the column that text tasks read; empty takes the one with the longest texts.',
            default: '',
            maxLength: 200,
            suggests: 'columns',
            tasks: ['text-classification', 'multi-label-classification', 'translation'],
          },
          targetKind: {
            type: 'choice',
            label: 'Kind of target',
            help: 'Whether it is one of some classes, several of them, a number, or a text that is to be written.',
            default: 'auto',
            options: [
              {
                value: 'auto',
                label: 'By its values',
                help: 'A number where all of them are numbers, but for 0 and 1, or few whole ones in a column called label, class or the like; several classes where all are JSON lists, a text where nearly all are different.',
              },
              { value: 'class', label: 'Class', help: 'Also where the classes are written as numbers.' },
              {
                value: 'labels',
                label: 'Several classes',
                help: 'Any number of them: a JSON list, or names with a sign between.',
              },
              { value: 'number', label: 'Number' },
              { value: 'text', label: 'Text', help: 'Such as the translation of another column.' },
            ],
          },
          separator: {
            type: 'text',
            label: 'Between classes',
            help: 'What stands between several classes of a cell, such as | or ; empty takes what the cells look like.',
            default: '',
            maxLength: 8,
            tasks: ['multi-label-classification'],
          },
        },
      },
      mixing: {
        type: 'variant',
        tag: 'kind',
        label: 'Mixed pictures',
        help: 'Pictures of a batch are mixed in pairs, and so are their classes: with the loss for soft targets.',
        dataKinds: ['images'],
        tasks: ['image-classification'],
        default: 'none',
        options: [
          { value: 'none', label: 'None', help: 'Each picture is its own.', fields: {} },
          {
            value: 'mixup',
            label: 'Mixup',
            help: 'One is laid over the other.',
            link: 'https://arxiv.org/abs/1710.09412',
            fields: { alpha: { ...alpha, default: 0.2 } },
          },
          {
            value: 'cutmix',
            label: 'CutMix',
            help: 'A rectangle of one is put into the other.',
            link: 'https://arxiv.org/abs/1905.04899',
            fields: { alpha: { ...alpha, default: 1 } },
          },
        ],
      },
      smallCrops: smallCropsField,
      masking: {
        type: 'group',
        label: 'Hidden tokens',
        help: 'What a masked language model is asked for.',
        dataKinds: ['text'],
        tasks: ['masked-language-model'],
        fields: {
          rate: {
            type: 'number',
            label: 'Share',
            help: 'How many of the tokens are to be found again. More make each text teach more, and say less of each.',
            default: 0.15,
            min: 0.01,
            max: 0.9,
            step: 0.01,
            link: 'https://arxiv.org/abs/1810.04805',
          },
        },
      },
      transforms: {
        type: 'list',
        label: 'Transforms',
        dataKinds: ['text'],
        help: 'Done to the text before it is cut into tokens, in this order.',
        minItems: 0,
        maxItems: 16,
        defaultItems: 0,
        isAdvanced: true,
        item: {
          type: 'variant',
          tag: 'kind',
          label: 'Transform',
          help: 'One change of the text.',
          default: firstOf(catalog.transforms),
          options: variantOptions(catalog.transforms),
        },
      },
      augmentations: {
        type: 'list',
        label: 'Augmentation',
        dataKinds: ['images'],
        help: 'Done to pictures anew each time that they are trained on, in this order; never to those of the validation.',
        minItems: 0,
        maxItems: 16,
        defaultItems: 0,
        item: {
          type: 'variant',
          tag: 'kind',
          label: 'Change',
          help: 'One change of the picture.',
          default: firstOf(catalog.augmentations),
          options: variantOptions(catalog.augmentations),
        },
      },
      textAugmentations: {
        type: 'list',
        label: 'Augmentation of texts',
        tasks: [
          'image-text',
          'image-text-matching',
          'image-text-classification',
          'text-classification',
          'multi-label-classification',
          'translation',
        ],
        help: 'Done to texts that are read anew each time that they are trained on, in this order; never to those of the validation.',
        minItems: 0,
        maxItems: 16,
        defaultItems: 0,
        item: {
          type: 'variant',
          tag: 'kind',
          label: 'Change',
          help: 'One change of the text.',
          default: firstOf(catalog.textAugmentations),
          options: variantOptions(catalog.textAugmentations),
        },
      },
      severity: severityField,
      tokenizer: tokenizerField(catalog),
      sampler: {
        type: 'variant',
        tag: 'kind',
        label: 'Sampler',
        help: 'Which examples make up a batch.',
        default: firstOf(catalog.samplers),
        isAdvanced: true,
        options: variantOptions(catalog.samplers),
      },
      curriculum: curriculumField(catalog),
    },
  } as const satisfies Field
}
