import { DataError } from '../../core/errors.ts'
import type { HostTensor, NamedTensors } from '../../core/hostTensor.ts'
import { readSafetensors } from '../../core/safetensors/read.ts'
import { writeSafetensors } from '../../core/safetensors/write.ts'

/** Images of one size, with what is known of each. */
export interface ImageSet {
  readonly count: number
  readonly height: number
  readonly width: number
  /** 1 grey, 3 red, green and blue. */
  readonly channels: number
  /** [count, height, width, channels], 0 to 255 */
  readonly pixels: Uint8Array
  /** Names of the classes; empty without labels. */
  readonly classes: readonly string[]
  /** [count], places in `classes`; empty without. */
  readonly labels: Int32Array
  /** One for each image; empty without. */
  readonly captions: readonly string[]
  /** Which pictures belong together, one for each image, empty where it belongs to none; left out where none does. */
  readonly groups?: readonly string[]
  /** The part that each came in, such as train; left out where they came in none. */
  readonly parts?: readonly string[]
}

const format = 'bunsen-images'

/** The content that is stored and hashed: equal sets give equal bytes. */
export function encodeImageSet(set: ImageSet): Uint8Array<ArrayBuffer> {
  const { count, height, width, channels, pixels, classes, labels, captions, groups = [], parts = [] } = set
  const shape = [count, height, width, channels]
  const tensors: NamedTensors = new Map<string, HostTensor>([
    ['pixels', { dtype: 'uint8', shape, data: pixels }],
  ])
  if (classes.length > 0) tensors.set('labels', { dtype: 'int32', shape: [count], data: labels })
  return writeSafetensors(tensors, {
    format,
    version: '1',
    classes: JSON.stringify(classes),
    captions: JSON.stringify(captions),
    // Sets without them keep the bytes, and so the hash, that they had before there were such.
    ...(groups.length > 0 && { groups: JSON.stringify(groups) }),
    ...(parts.length > 0 && { parts: JSON.stringify(parts) }),
  })
}

/** @throws DataError `image-set` where it is none, and what reading safetensors throws */
export function decodeImageSet(bytes: Uint8Array): ImageSet {
  const { tensors, metadata } = readSafetensors(bytes, { useViews: true })
  if (metadata['format'] !== format) throw wrong(`its format must be ${format}, got ${metadata['format']}`)
  const pixels = tensors.get('pixels')
  if (pixels?.shape.length !== 4 || !(pixels.data instanceof Uint8Array) || pixels.dtype !== 'uint8')
    throw wrong('pixels must be [N, height, width, channels] in bytes')
  const [count, height, width, channels] = pixels.shape as [number, number, number, number]
  if (count === 0 || height === 0 || width === 0 || (channels !== 1 && channels !== 3))
    throw wrong(`pixels must be of some images with 1 or 3 channels, got [${pixels.shape.join(', ')}]`)
  const classes = strings(metadata['classes'], 'classes')
  const [captions, groups, parts] = (['captions', 'groups', 'parts'] as const).map((name) => {
    const values = strings(metadata[name], name)
    if (values.length === 0 || values.length === count) return values
    throw wrong(`there must be one of ${name} for each of ${count} images, got ${values.length}`)
  }) as [string[], string[], string[]]
  const labels = tensors.get('labels')?.data ?? new Int32Array(0)
  if (!(labels instanceof Int32Array) || labels.length !== (classes.length > 0 ? count : 0))
    throw wrong(`there must be a label for each of ${count} images, got ${labels.length}`)
  const bad = labels.find((label) => label < 0 || label >= classes.length)
  if (bad !== undefined) throw wrong(`labels must be from 0 to ${classes.length - 1}, got ${bad}`)
  return {
    count,
    height,
    width,
    channels,
    pixels: pixels.data,
    classes,
    labels,
    captions,
    ...(groups.length > 0 && { groups }),
    ...(parts.length > 0 && { parts }),
  }
}

function strings(json: string | undefined, name: string): string[] {
  let value: unknown
  try {
    value = JSON.parse(json ?? '[]')
  } catch {
    value = null
  }
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value
  throw wrong(`${name} must be a list of texts`)
}

function wrong(rule: string): DataError {
  return new DataError(`Image set: ${rule}`, {
    code: 'image-set',
    remedy: 'The file is damaged or of another program: take another copy of it.',
  })
}
