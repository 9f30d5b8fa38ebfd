import { DataError } from '../src/core/errors.ts'
import {
  tokensOf,
  type Coding,
  type Part,
  type Prepared,
  type TokenizerRecord,
} from '../src/core/prepared.ts'
import type { RunConfig, UpdatePlace } from '../src/core/runConfig.ts'
import { hideTokens, type HidingRequest } from '../src/data/hideTokens.ts'
import { augmentations as pictureChanges } from '../src/data/augmentations/registry.ts'
import { itemCurricula, windowCurricula } from '../src/data/curricula/curriculum.ts'
import { runGrowth } from '../src/data/curricula/runGrowth.ts'
import { itemBatch } from '../src/data/itemBatch.ts'
import { itemView } from '../src/data/itemView.ts'
import { targetWords } from '../src/data/targetWords.ts'
import { textLengths } from '../src/data/textLengths.ts'
import { chooseItems } from '../src/data/samplers/chooseItems.ts'
import {
  requireWindow,
  type ItemSource,
  type SampleRequest,
  type TokenBatch,
} from '../src/data/samplers/defineSampler.ts'
import {
  cutsBatches,
  requireSampler,
  sampleBatch,
  sampleItems,
  sampleStarts,
} from '../src/data/samplers/registry.ts'
import { weakened } from '../src/data/severity.ts'
import { textAugmentations as textChanges } from '../src/data/textAugmentations/registry.ts'
import { createTokenizer } from '../src/data/tokenizers/registry.ts'
import { validationBatch } from '../src/data/validationBatch.ts'
import { validationPlaces } from '../src/data/validationItems.ts'
import { checkFacts } from '../src/engine/tasks/checkFacts.ts'
import type { ArraySpec } from '../src/engine/tasks/defineTask.ts'
import { tasks } from '../src/engine/tasks/registry.ts'
import type { Neighbours } from '../src/engine/training/neighbours.ts'
import type { RunData, TextCoding } from '../src/engine/training/runContext.ts'

/**
 * Prepared arrays as the trainer takes them. Throws `split-too-short` where a part holds no sequence, `sampler-kind`,
 * `curriculum-kind`, and `data-unfit` where the task needs what the data do not have.
 */
export function runData(prepared: Prepared, config: RunConfig): RunData {
  checkFacts(config, prepared.coding.facts)
  return prepared.kind === 'text' ? textData(prepared, config) : itemData(prepared, config)
}

function textData(prepared: Prepared, config: RunConfig): RunData {
  // Told now rather than at the first validation, when much may have been trained.
  const seqLen = Number(config.model['seqLen'])
  const train = tokensOf(prepared.train)
  const validation = tokensOf(prepared.validation)
  requireWindow(train, seqLen, 'train')
  requireWindow(validation, seqLen, 'validation')
  requireSampler(config.data.sampler.kind, 'windows')
  const { facts, tokenizer: record } = prepared.coding
  const tokenizer = createTokenizer(record!)
  const { sampler } = config.data
  const task = tasks.get(config.task)
  const { vocabSize } = tokenizer
  const { seed } = config
  const growth = runGrowth(config, windowCurricula({ tokens: train, seqLen, vocabSize, seed }))
  const isHiding = 'hiddenIds' in task.arrays(facts, config)
  const arraysOf = (
    { inputs, targets }: TokenBatch,
    at: Pick<HidingRequest, 'seed' | 'step' | 'firstRow'>,
  ): Record<string, Int32Array> => {
    if (!isHiding) return { ids: inputs, targets }
    const { rate } = config.data.masking
    const hidden = hideTokens({ tokens: inputs, seqLen, vocabSize, rate, ...at })
    return { hiddenIds: hidden.ids, hiddenTargets: hidden.targets }
  }
  return {
    facts,
    trainBatch({ batchSize, ...place }) {
      const { step, microStep, accumulationSteps } = place
      const windows = growth.chosen(place, batchSize * accumulationSteps)
      const batch = sampleBatch(sampler, { ...place, tokens: train, windows, batchSize, seqLen, seed })
      return { arrays: arraysOf(batch, { seed, step, firstRow: microStep * batchSize }), batchSize }
    },
    trainItems(at) {
      const { step, batchSize, accumulationSteps } = at
      const place = { step, accumulationSteps, batchSize, seqLen, seed }
      const windows = growth.chosen(at, batchSize * accumulationSteps)
      const starts = microSteps(accumulationSteps).flatMap((microStep) => [
        ...sampleStarts(sampler, { ...place, microStep, tokens: train, windows }),
      ])
      return { of: 'windows', places: starts }
    },
    trainItem(start) {
      const text = tokenizer.decode([...train.subarray(start, start + seqLen)])
      return { view: { kind: 'row', cells: [['text', text]] }, target: null }
    },
    // As many windows as are asked for, however they overlap; of all of it so many that they fill it.
    validationBatches: ({ batchSize, most }) =>
      Number.isFinite(most) ? most : Math.ceil(Math.floor((validation.length - 1) / seqLen) / batchSize),
    validationBatch({ index, count, batchSize }) {
      const request = { tokens: validation, batchSize, seqLen, batch: index, batches: count }
      // The same tokens are hidden whenever it is asked, in every run.
      const at = { seed: 0, step: 0, firstRow: index * batchSize }
      return { arrays: arraysOf(validationBatch(request), at), batchSize }
    },
    validationItem: () => null,
    text: textCoding(record!),
  }
}

function microSteps(count: number): number[] {
  return Array.from({ length: count }, (_, microStep) => microStep)
}

/** Batches that are cut have a length of so many times a whole number: few sizes, each of which is compiled. */
const lengthStep = 16

/** All items of the update of a batch: its batches must be of one size. */
function wholeUpdate<R extends SampleRequest>(request: R): R {
  const batchSize = request.batchSize * request.accumulationSteps
  return { ...request, batchSize, accumulationSteps: 1, microStep: 0 }
}

/** What the longest of some items needs, with a start or an end. */
function lengthOfUpdate(lengths: Int32Array, places: Int32Array): number {
  const longest = places.reduce((most, place) => Math.max(most, lengths[place]!), 0)
  return Math.ceil((longest + 1) / lengthStep) * lengthStep
}

function cutTo(specs: Readonly<Record<string, ArraySpec>>, length: number) {
  const cut = Object.entries(specs).map(([name, { perItem, sequence }]) => {
    const most = sequence === undefined ? perItem : Math.min(perItem, length)
    return [name, { perItem: most }] as const
  })
  return Object.fromEntries(cut)
}

function textCoding(record: TokenizerRecord): TextCoding {
  const tokenizer = createTokenizer(record)
  return {
    startToken: tokenizer.encode('\n')[0] ?? 0,
    encode: (text) => [...tokenizer.encode(text)],
    decode: (tokens) => tokenizer.decode(tokens),
  }
}

/** null where the sampler does not ask the model. @throws DataError `sampler-kind` where the task compares nothing */
function neighbourSearch({
  part,
  coding,
  wanted,
  config: { data, task },
}: {
  part: Part
  coding: Coding
  wanted: Readonly<Record<string, ArraySpec>>
  config: RunConfig
}): RunData['refresh'] {
  const { refreshEvery: every, neighbours, kind } = data.sampler
  if (typeof every !== 'number' || typeof neighbours !== 'number') return null
  if (tasks.get(task).pairs === undefined)
    throw new DataError(
      `Sampler: “${kind}” needs a task that makes pairs of vectors to compare, got ${task}`,
      {
        code: 'sampler-kind',
        remedy: 'Choose another sampler, or a task that compares pairs, such as images and captions.',
      },
    )
  const still = { mixing: { kind: 'none' }, drawing: null } as const
  return {
    every,
    neighbours,
    count: part.count,
    batch: (places) => ({
      arrays: itemBatch(wanted, { ...still, augmentations: [], textAugmentations: [], part, places, coding }),
    }),
  }
}

function itemData({ train, validation, coding }: Prepared, config: RunConfig): RunData {
  const { sampler, augmentations, textAugmentations, mixing, smallCrops } = config.data
  const { seed } = config
  requireSampler(sampler.kind, 'items')
  const wanted = tasks.get(config.task).arrays(coding.facts, config)
  const { labels } = train.arrays
  const lengths = textLengths(train)
  const isCut = lengths !== null && cutsBatches(sampler.kind)
  const { texts: rows, textIds: ids } = train.arrays
  const all: ItemSource = {
    count: train.count,
    labels: labels instanceof Int32Array ? labels : null,
    lengths,
    texts: rows instanceof Int32Array && ids instanceof Int32Array ? { rows, ids } : null,
  }
  const { vocabSize } = coding.facts
  const growth = runGrowth(config, itemCurricula({ part: train, vocabSize, seed }))
  const draw = (place: SampleRequest & UpdatePlace, found: Neighbours | null): Int32Array => {
    const source = { ...all, neighbours: found?.items ?? null }
    const chosen = growth.chosen(place, place.batchSize * place.accumulationSteps)
    if (chosen === null) return sampleItems(sampler, { ...source, ...place })
    return sampleItems(sampler, { ...chooseItems(source, chosen), ...place }).map((i) => chosen[i]!)
  }
  return {
    facts: coding.facts,
    refresh: neighbourSearch({ part: train, coding, wanted, config }),
    trainItems({ neighbours = null, ...at }) {
      const places = microSteps(at.accumulationSteps).flatMap((microStep) => [
        ...draw({ ...at, microStep, seed }, neighbours),
      ])
      return { of: 'items', places }
    },
    trainItem(place) {
      const view = itemView(train, place, coding)
      return view && { view, target: targetWords(train, place, coding) }
    },
    trainBatch({ neighbours = null, ...at }) {
      const { batchSize, step, microStep } = at
      const place = { ...at, seed }
      const places = draw(place, neighbours)
      const cut = isCut
        ? cutTo(wanted, lengthOfUpdate(lengths, draw(wholeUpdate(place), neighbours)))
        : wanted
      const strength = growth.strength(at)
      return {
        arrays: itemBatch(cut, {
          part: train,
          places,
          coding,
          augmentations: weakened(augmentations, pictureChanges, strength),
          textAugmentations: weakened(textAugmentations, textChanges, strength),
          mixing,
          smallCrops,
          drawing: { seed, step, firstRow: microStep * batchSize },
        }),
        batchSize,
      }
    },
    validationBatches: ({ batchSize, most }) => Math.min(most, Math.ceil(validation.count / batchSize)),
    validationBatch({ index, count, batchSize }) {
      const { places, validItems } = validationPlaces({ items: validation.count, index, count, batchSize })
      const request = {
        part: validation,
        places,
        coding,
        augmentations,
        textAugmentations,
        mixing,
        smallCrops,
        drawing: null,
      }
      return { arrays: itemBatch(wanted, request), batchSize, validItems, places }
    },
    validationItem: (place) => itemView(validation, place, coding),
    text: tasks.get(config.task).canWrite && coding.tokenizer !== null ? textCoding(coding.tokenizer) : null,
  }
}

/** Token ids to start generating from. Characters that the tokenizer does not know are refused by name. */
export function promptTokens(
  record: TokenizerRecord,
  prompt: string,
): { tokens: number[]; decode(ids: readonly number[]): string } {
  const tokenizer = createTokenizer(record)
  const unknown = tokenizer.unknownIn(prompt)
  const tokens = [...tokenizer.encode(prompt === '' ? '\n' : prompt)]
  if (unknown.length > 0 && tokens.length === 0) {
    throw new DataError(
      `Prompt: the model knows none of its characters, got ${JSON.stringify(unknown.slice(0, 8).join(''))}`,
      {
        code: 'prompt-unknown',
        remedy: 'Use characters that the training text has.',
      },
    )
  }
  return { tokens: tokens.length > 0 ? tokens : [0], decode: (ids) => tokenizer.decode(ids) }
}

/** A checkpoint knows its tokenizer, and so the size of its vocabulary. */
export function vocabSizeOf(record: TokenizerRecord): number {
  return createTokenizer(record).vocabSize
}
