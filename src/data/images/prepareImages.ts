import type { Coding, ItemArray, Part, Prepared } from '../../core/prepared.ts'
import { throwIfCancelled } from '../cancel.ts'
import { splitItems } from '../splitItems.ts'
import { prepareKey } from '../prepareKey.ts'
import type { PrepareTextRequest } from '../prepareText.ts'
import { codeTexts, type CodedTexts } from '../codeTexts.ts'
import { decodeImageSet, type ImageSet } from './imageSet.ts'
import { resize, toGrey } from './resize.ts'

type Request = Omit<PrepareTextRequest, 'textChunks'>

/**
 * A stored image set to its two parts, each `pixels` [N, height, width, channels] in bytes and, where it has classes,
 * `labels` [N]; where it has captions, what `codeTexts` makes of them. Throws `image-set`, `split-too-short`, `split-kind`, `cancelled`.
 */
export async function prepareImages(bytes: Uint8Array, request: Request): Promise<Prepared> {
  const { data, seed, signal } = request
  const set = fitted(decodeImageSet(bytes), data.images)
  throwIfCancelled(signal)
  const { count, height, width, channels, classes } = set
  const places = splitItems({
    count,
    split: data.split,
    seed,
    labels: classes.length > 0 ? set.labels : null,
  })
  const captions =
    set.captions.length > 0 ? await codeTexts(set.captions, { data, train: places.train, signal }) : null
  const train = partOf(set, places.train, captions)
  const validation = partOf(set, places.validation, captions)
  const coding: Coding = {
    facts: { image: { height, width, channels }, classes, ...captions?.facts },
    tokenizer: captions?.tokenizer ?? null,
    pixels: statistics(train.arrays['pixels'] as Uint8Array, channels),
  }
  return {
    key: prepareKey('images', request.contentSha256, data, seed),
    kind: 'images',
    train,
    validation,
    coding,
    sizeBytes: bytesOf(train) + bytesOf(validation),
  }
}

/** In the size and the channels that the settings ask for. */
export function fitted(set: ImageSet, { size, color }: Request['data']['images']): ImageSet {
  const isGrey = color === 'grey' && set.channels === 3
  const to = size === 0 ? set : { height: size, width: size }
  const isResized = to.height !== set.height || to.width !== set.width
  if (!isGrey && !isResized) return set
  const channels = isGrey ? 1 : set.channels
  const perImage = to.height * to.width * channels
  const pixels = new Uint8Array(set.count * perImage)
  const perOld = set.height * set.width * set.channels
  for (let item = 0; item < set.count; item++) {
    const old = set.pixels.subarray(item * perOld, (item + 1) * perOld)
    const grey = isGrey ? toGrey(old) : old
    pixels.set(isResized ? resize(grey, { ...set, channels }, to) : grey, item * perImage)
  }
  return { ...set, ...to, count: set.count, channels, pixels }
}

function partOf(
  { pixels, count, classes, labels }: ImageSet,
  places: Int32Array,
  captions: CodedTexts | null,
): Part {
  const perImage = pixels.length / count
  const own = new Uint8Array(places.length * perImage)
  places.forEach((place, i) =>
    own.set(pixels.subarray(place * perImage, (place + 1) * perImage), i * perImage),
  )
  const arrays: Record<string, ItemArray> = { pixels: own }
  if (classes.length > 0) arrays['labels'] = places.map((place) => labels[place]!)
  if (captions !== null) Object.assign(arrays, captions.arraysOf(places))
  return { count: places.length, arrays }
}

/** Mean and deviation of each channel, of values from 0 to 1. */
function statistics(pixels: Uint8Array, channels: number): NonNullable<Coding['pixels']> {
  const sums = new Float64Array(channels)
  const squares = new Float64Array(channels)
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i]! / 255
    const channel = i % channels
    sums[channel]! += value
    squares[channel]! += value * value
  }
  const count = pixels.length / channels
  const means = [...sums].map((sum) => sum / count)
  // A channel that never changes stays as it is.
  const deviations = means.map((mean, i) => Math.sqrt(Math.max(squares[i]! / count - mean * mean, 0)) || 1)
  return { means, deviations }
}

function bytesOf({ arrays }: Part): number {
  return Object.values(arrays).reduce((sum, { byteLength }) => sum + byteLength, 0)
}
