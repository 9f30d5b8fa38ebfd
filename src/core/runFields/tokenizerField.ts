import type { Catalog } from '../catalog.ts'
import type { Field } from '../schema.ts'
import { contentFields } from './contentFields.ts'
import { variantOptions } from './variantOptions.ts'

/** How text becomes numbers: by a vocabulary that the run learns, or by one of a file. */
export function tokenizerField(catalog: Catalog) {
  return {
    type: 'variant',
    tag: 'kind',
    label: 'Tokenizer',
    tasks: [
      'language-model',
      'masked-language-model',
      'image-text',
      'image-text-matching',
      'image-text-classification',
      'text-classification',
      'multi-label-classification',
      'translation',
    ],
    help: 'How text becomes numbers.',
    default: catalog.tokenizers[0]!.id,
    options: [
      ...variantOptions(catalog.tokenizers),
      {
        value: 'file',
        label: 'A tokenizer.json',
        help: 'One of Hugging Face’s files with byte-level BPE or WordPiece, as it is: nothing is learned.',
        link: 'https://huggingface.co/docs/tokenizers',
        fields: contentFields('Of the file when it was chosen.'),
      },
    ],
  } as const satisfies Field
}
