import { BunsenError } from '../core/errors.ts'
import { endToken, startToken } from '../core/edgeTokens.ts'
import type { Coding, Part } from '../core/prepared.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { mostSmallCrops } from '../core/runFields/smallCropsField.ts'
import { augment } from './augmentations/augment.ts'
import { labelRows } from './labelRows.ts'
import { noToken } from './textTokens.ts'
import { Generator } from '../core/rng.ts'
import { drawMix, mixLabels, mixPictures } from './mixItems.ts'
import { shownRows } from './shownRows.ts'
import { smallCrop } from './smallCrop.ts'
import { tokenizerOf } from './tokenizerOf.ts'
import { augmentText } from './textAugmentations/augmentText.ts'

/** Where a batch stands in a run; null for validation, where nothing but second views is augmented. */
export type Drawing = { readonly seed: number; readonly step: number; readonly firstRow: number } | null

export interface ItemBatchRequest {
  readonly part: Part
  /** Places of the items in the part. */
  readonly places: Int32Array
  readonly coding: Coding
  readonly augmentations: DataConfig['augmentations']
  readonly textAugmentations: DataConfig['textAugmentations']
  readonly mixing: DataConfig['mixing']
  /** Left out where none are asked for. */
  readonly smallCrops?: DataConfig['smallCrops']
  readonly drawing: Drawing
}

/** @param perItem elements that the task wants of each item */
type ArrayMaker = (request: ItemBatchRequest, perItem: number) => Int32Array | Float32Array

/** The arrays that a batch of items can have, by the names that tasks call them by. */
const makers: Readonly<Record<string, ArrayMaker>> = {
  /** [B, height, width, channels], standardised */
  pixels: (request) => {
    const values = pixelsOf(request, 'pixels')
    const { image } = request.coding.facts
    const mix = image && drawMix(request.mixing, request.drawing, image)
    return mix ? mixPictures(values, mix, image!) : values
  },
  /** Two augmentations of the same images; for validation the image and one augmentation that is always the same. */
  viewA: (request) => pixelsOf(request, 'view a'),
  viewB: (request) => pixelsOf({ ...request, drawing: request.drawing ?? 'by place' }, 'view b'),
  /** `smallView0`, …: each [B, size, size, channels], small crops of the same, for validation always the same ones. */
  ...Object.fromEntries(
    Array.from({ length: mostSmallCrops }, (_, crop): [string, ArrayMaker] => [
      `smallView${crop}`,
      (request, perItem) => smallViewOf(request, crop, perItem),
    ]),
  ),
  /** [B] */
  labels: ({ part, places }) => gather(part, 'labels', places, Int32Array),
  /** [B, L]: 1 where an item has a label, else 0. */
  labelSets: ({ part, places }, numLabels) =>
    labelRows(gather(part, 'labelSets', places, Int32Array), places.length, numLabels),
  /** [B, C]: the classes of pictures that are mixed, as distributions. */
  softLabels: ({ part, places, coding, mixing, drawing }, numClasses) => {
    const { image } = coding.facts
    const mix = image ? drawMix(mixing, drawing, image) : null
    return mixLabels(gather(part, 'labels', places, Int32Array), numClasses, mix)
  },
  /** [B]: where an item stands in its part, so that the same item twice in a batch is known. */
  ids: ({ places }) => Int32Array.from(places),
  /** [B, T]: tokens, cut to what the model reads, and 0 after their end. */
  texts: (request, perItem) => readTexts(request, perItem).map((token) => Math.max(0, token)),
  /** [B, T]: 1 where there is a token. */
  textMask: (request, perItem) => readTexts(request, perItem).map((token) => (token === noToken ? 0 : 1)),
  /** [B]: equal where the texts are. */
  textIds: ({ part, places }) => gather(part, 'textIds', places, Int32Array),
  /** [B]: rows of the batch whose texts are shown with its items, half of them those of others. */
  shownRows: (request) => shownOf(request).rows,
  /** [B]: 1 where that is their own text, else 0. */
  isOwnText: (request) => {
    const { rows, textIds } = shownOf(request)
    return rows.map((shown, row) => (textIds[shown] === textIds[row] ? 1 : 0))
  },
  /** [B, T]: what is to be written, behind the token that starts it; 0 after its end. */
  targetIds: ({ part, places, coding }, perItem) => {
    const { tokens, vocabSize } = writtenOf({ part, places, coding }, perItem)
    return tokens.map((_, i) => (i % perItem === 0 ? startToken(vocabSize) : Math.max(0, tokens[i - 1]!)))
  },
  /** [B, T]: the token that follows each of those, the last one the end; -1 after it. */
  targetNext: ({ part, places, coding }, perItem) => {
    const { tokens, vocabSize } = writtenOf({ part, places, coding }, perItem)
    return tokens.map((token, i) => {
      const isAfter = token === noToken && i % perItem > 0 && tokens[i - 1] === noToken
      return token === noToken && !isAfter ? endToken(vocabSize) : token
    })
  },
  /** [B, F] */
  features: ({ part, places }) => gather(part, 'features', places, Float32Array),
  /** [B] */
  targets: ({ part, places }) => gather(part, 'targets', places, Float32Array),
}

/**
 * The arrays of some items that a task asks for, by name.
 * @throws BunsenError `item-array` where the data have no such array: what a task needs is checked before a run
 */
export function itemBatch(
  wanted: Readonly<Record<string, { readonly perItem: number }>>,
  request: ItemBatchRequest,
): Record<string, Int32Array | Float32Array> {
  return Object.fromEntries(
    Object.entries(wanted).map(([name, { perItem }]) => {
      const make = makers[name]
      if (make === undefined) throw missing(name)
      return [name, make(request, perItem)]
    }),
  )
}

function missing(name: string): BunsenError {
  return new BunsenError(`Data: a batch of items has no ${name}`, { code: 'item-array' })
}

function arrayOf({ arrays }: Part, name: string) {
  const array = arrays[name]
  if (array === undefined) throw missing(name)
  return array
}

function gather<T extends Int32Array | Float32Array>(
  part: Part,
  name: string,
  places: Int32Array,
  Array: new (length: number) => T,
): T {
  const array = arrayOf(part, name)
  const perItem = array.length / part.count
  const out = new Array(places.length * perItem)
  places.forEach((place, row) => {
    out.set(array.subarray(place * perItem, (place + 1) * perItem), row * perItem)
  })
  return out
}

function shownOf({ part, places, drawing }: ItemBatchRequest): { rows: Int32Array; textIds: Int32Array } {
  const textIds = gather(part, 'textIds', places, Int32Array)
  return { rows: shownRows(textIds, places, drawing), textIds }
}

function writtenOf(
  { part, places, coding }: Pick<ItemBatchRequest, 'part' | 'places' | 'coding'>,
  perItem: number,
): { tokens: Int32Array; vocabSize: number } {
  const { vocabSize } = coding.facts
  if (vocabSize === undefined) throw missing('targetIds')
  return { tokens: textsOf(part, places, perItem, 'targetTexts'), vocabSize }
}

/** The texts that are read, as training sees them: [B, perItem], `noToken` after the end of each. */
function readTexts(
  { part, places, coding, textAugmentations, drawing }: ItemBatchRequest,
  perItem: number,
): Int32Array {
  const rows = textsOf(part, places, perItem)
  const { vocabSize } = coding.facts
  if (drawing === null || textAugmentations.length === 0) return rows
  if (vocabSize === undefined || coding.tokenizer === null) return rows
  const { seed, step, firstRow } = drawing
  const setting = { seed, step, vocabSize, tokenizer: tokenizerOf(coding.tokenizer), most: perItem }
  for (let row = 0; row < places.length; row++) {
    const own = rows.subarray(row * perItem, (row + 1) * perItem)
    const end = own.indexOf(noToken)
    const tokens = own.slice(0, end < 0 ? perItem : end)
    if (tokens.length === 0) continue
    const changed = augmentText(tokens, textAugmentations, { ...setting, row: firstRow + row })
    own.fill(noToken).set(changed)
  }
  return rows
}

/** [B, perItem], `noToken` after the end of each. */
function textsOf(part: Part, places: Int32Array, perItem: number, name = 'texts'): Int32Array {
  const all = arrayOf(part, name)
  const length = all.length / part.count
  const out = new Int32Array(places.length * perItem).fill(noToken)
  places.forEach((place, row) => {
    const first = place * length
    out.set(all.subarray(first, first + Math.min(length, perItem)), row * perItem)
  })
  return out
}

/** For a picture that is augmented in the same way whenever it comes. */
const fixedSeed = 0

function pixelsOf(
  {
    part,
    places,
    coding,
    augmentations,
    drawing,
  }: Omit<ItemBatchRequest, 'drawing'> & { readonly drawing: Drawing | 'by place' },
  view: string,
): Float32Array {
  const { image } = coding.facts
  const { pixels } = coding
  if (image === undefined || pixels === undefined) throw missing('pixels')
  const values = brightnessOf(part, places)
  const perItem = image.height * image.width * image.channels
  if (drawing !== null && augmentations.length > 0) {
    places.forEach((place, row) => {
      const own = values.subarray(row * perItem, (row + 1) * perItem)
      const picture = { ...image, values: own.slice() }
      own.set(augment(picture, augmentations, { ...momentOf(drawing, place, row), view }).values)
    })
  }
  return standardised(values, pixels)
}

/** Of pictures, 0 to 1. */
function brightnessOf(part: Part, places: Int32Array): Float32Array {
  const values = gather(part, 'pixels', places, Float32Array)
  for (let i = 0; i < values.length; i++) values[i]! /= 255
  return values
}

/** What decides how a picture is augmented. */
function momentOf(drawing: NonNullable<Drawing> | 'by place', place: number, row: number) {
  return drawing === 'by place'
    ? { seed: fixedSeed, step: 0, row: place }
    : { seed: drawing.seed, step: drawing.step, row: drawing.firstRow + row }
}

/** In place. */
function standardised(
  values: Float32Array,
  { means, deviations }: NonNullable<Coding['pixels']>,
): Float32Array {
  means.forEach((mean, channel) => {
    for (let i = channel; i < values.length; i += means.length)
      values[i] = (values[i]! - mean) / deviations[channel]!
  })
  return values
}

/** Each is cut out of the picture as it is, and then changed in all ways but by another crop. */
function smallViewOf(
  { part, places, coding, augmentations, smallCrops, drawing }: ItemBatchRequest,
  crop: number,
  perItem: number,
): Float32Array {
  const { image } = coding.facts
  const { pixels } = coding
  if (image === undefined || pixels === undefined || smallCrops === undefined)
    throw missing(`smallView${crop}`)
  const whole = brightnessOf(part, places)
  const perPicture = whole.length / places.length
  const steps = augmentations.filter(({ kind }) => kind !== 'crop-resize')
  const values = new Float32Array(places.length * perItem)
  places.forEach((place, row) => {
    const picture = { ...image, values: whole.subarray(row * perPicture, (row + 1) * perPicture) }
    const at = momentOf(drawing ?? 'by place', place, row)
    const view = `small crop ${crop}`
    const generator = new Generator(at.seed, view)
    const cut = smallCrop(picture, smallCrops, (index) => generator.uniform(at.step, 4 * at.row + index))
    values.set(augment(cut, steps, { ...at, view }).values, row * perItem)
  })
  return standardised(values, pixels)
}
