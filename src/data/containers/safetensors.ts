import { DataError, namingFile } from '../../core/errors.ts'
import { readSafetensors } from '../../core/safetensors/read.ts'
import { shownName } from '../../core/shownName.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import type { HostTensor } from '../../core/hostTensor.ts'
import { decodeImageSet } from '../images/imageSet.ts'
import type { NamedArray } from '../reading/held.ts'
import { memorySource, pathOf, readWhole, type ImportSource } from '../reading/source.ts'
import { defineContainer } from './defineContainer.ts'

/** Sets of arrays have a few; models have dozens, with dots in their names. */
const mostArrays = 32

/** Arrays of pictures or rows (https://github.com/huggingface/safetensors#format), or a set of images as Bunsen stores it. */
export default defineContainer({
  id: 'safetensors',
  order: 4,
  title: 'safetensors',
  matches: (head) =>
    head.length >= 10 && head[8] === 0x7b && head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0,
  async open(file, { signal }) {
    const bytes = await readWhole(file, signal)
    const { tensors, metadata } = namingFile(file.name, () => readSafetensors(bytes, { useViews: true }))
    if (metadata['format'] === 'bunsen-images') return picturesOf(file, bytes)
    const isModel = [...tensors.keys()].some((name) => /(^|\.)(weight|bias)$|\..*\./.test(name))
    if (isModel || tensors.size === 0 || tensors.size > mostArrays)
      throw isWeights(file.name, [...tensors.keys()])
    return [...tensors].map(([name, tensor]) => ({
      ...file,
      held: { kind: 'array' as const, importer: 'safetensors', array: arrayOf(name, tensor) },
    }))
  },
})

function arrayOf(name: string, tensor: HostTensor): NamedArray {
  const isHalf = tensor.dtype === 'float16' || tensor.dtype === 'bfloat16'
  return { name, shape: tensor.shape, values: isHalf ? toFloat32(tensor) : tensor.data }
}

function picturesOf(file: ImportSource, bytes: Uint8Array): ImportSource[] {
  const { count, height, width, channels, pixels, classes, labels, captions } = decodeImageSet(bytes)
  const size = height * width * channels
  const stem = pathOf(file).replace(/\.[^./]+$/, '')
  return Array.from({ length: count }, (_, i) => {
    const name = String(i + 1).padStart(6, '0')
    const picture = { height, width, channels, pixels: pixels.subarray(i * size, (i + 1) * size) }
    const label = classes[labels[i] ?? -1] ?? null
    return {
      ...memorySource(name, ''),
      path: `${stem}/${name}`,
      held: { kind: 'picture' as const, decode: async () => picture, label, caption: captions[i] || null },
    }
  })
}

function isWeights(name: string, tensors: readonly string[]): DataError {
  const some = tensors.slice(0, 3).map(shownName).join(', ')
  return new DataError(
    `${name}: must hold arrays of pictures or rows, got a safetensors checkpoint of a model that is not known here (${tensors.length} tensors: ${some}${tensors.length > 3 ? ', …' : ''}); nothing was stored`,
    {
      code: 'binary-file',
      remedy:
        'What opens as a run are weights that Bunsen saved, and GPT-2, BERT, ViT and CLIP under Hugging Face’s names: one .safetensors file, with its config.json or alone.',
      details: { file: name },
    },
  )
}
