import { DataError } from '../src/core/errors.ts'
import { tokensOf, type Prepared, type TokenizerRecord } from '../src/core/prepared.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import { hideTokens, type HidingRequest } from '../src/data/hideTokens.ts'
import { itemBatch } from '../src/data/itemBatch.ts'
import { itemView } from '../src/data/itemView.ts'
import { textLengths } from '../src/data/textLengths.ts'
import { requireWindow, type ItemRequest, type TokenBatch } from '../src/data/samplers/defineSampler.ts'
import {
  cutsBatches,
  requireSampler,
  sampleBatch,
  sampleItems,
  sampleStarts,
} from '../src/data/samplers/registry.ts'
import { createTokenizer } from '../src/data/tokenizers/registry.ts'
import { validationBatch } from '../src/data/validationBatch.ts'
import { validationPlaces } from '../src/data/validationItems.ts'
import { checkFacts } from '../src/engine/tasks/checkFacts.ts'
import type { ArraySpec } from '../src/engine/tasks/defineTask.ts'
import { tasks } from '../src/engine/tasks/registry.ts'
import type { RunData, TextCoding } from '../src/engine/training/runContext.ts'

/**
 * Prepared arrays as the trainer takes them. Throws `split-too-short` where a part holds no sequence, `sampler-kind`, and
 * `data-unfit` where the task needs what the data do not have.
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
  const isHiding = 'hiddenIds' in task.arrays(facts, config)
  const arraysOf = (
    { inputs, targets }: TokenBatch,
    at: Pick<HidingRequest, 'seed' | 'step' | 'firstRow'>,
  ): Record<string, Int32Array> => {
    if (!isHiding) return { ids: inputs, targets }
    const { rate } = config.data.masking
    const hidden = hideTokens({ tokens: inputs, seqLen, vocabSize: tokenizer.vocabSize, rate, ...at })
    return { hiddenIds: hidden.ids, hiddenTargets: hidden.targets }
  }
  return {
    facts,
    trainBatch({ batchSize, ...place }) {
      const { seed } = config
      const batch = sampleBatch(sampler, { ...place, tokens: train, batchSize, seqLen, seed })
      const { step, microStep } = place
      return { arrays: arraysOf(batch, { seed, step, firstRow: microStep * batchSize }), batchSize }
    },
    trainItems({ step, batchSize, accumulationSteps }) {
      const { seed } = config
      const starts = microSteps(accumulationSteps).flatMap((microStep) => [
        ...sampleStarts(sampler, {
          step,
          microStep,
          accumulationSteps,
          tokens: train,
          batchSize,
          seqLen,
          seed,
        }),
      ])
      const textAt = (start: number) => tokenizer.decode([...train.subarray(start, start + seqLen)])
      const shown = starts.slice(0, mostShown).map((start) => ({
        kind: 'row' as const,
        cells: [['text', textAt(start)]] as const,
      }))
      return { step: step + 1, of: 'windows', places: starts, shown }
    },
    validationBatches: ({ most }) => most,
    validationBatch({ index, count, batchSize }) {
      const request = { tokens: validation, batchSize, seqLen, batch: index, batches: count }
      // The same tokens are hidden whenever it is asked, in every run.
      const at = { seed: 0, step: 0, firstRow: index * batchSize }
      return { arrays: arraysOf(validationBatch(request), at), batchSize }
    },
    validationItem: () => null,
    text: task.canWrite ? textCoding(record!) : null,
  }
}

/** Of a batch that is kept, so many items are shown. */
const mostShown = 16

function microSteps(count: number): number[] {
  return Array.from({ length: count }, (_, microStep) => microStep)
}

/** Batches that are cut have a length of so many times a whole number: few sizes, each of which is compiled. */
const lengthStep = 16

/** All items of the update of a batch: its batches must be of one size. */
function wholeUpdate(request: ItemRequest): ItemRequest {
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

function itemData({ train, validation, coding }: Prepared, config: RunConfig): RunData {
  const { sampler, augmentations, textAugmentations, mixing } = config.data
  requireSampler(sampler.kind, 'items')
  const wanted = tasks.get(config.task).arrays(coding.facts, config)
  const { labels } = train.arrays
  const lengths = textLengths(train)
  const isCut = lengths !== null && cutsBatches(sampler.kind)
  const ofTraining = labels instanceof Int32Array ? labels : null
  const { texts: rows, textIds: ids } = train.arrays
  const texts = rows instanceof Int32Array && ids instanceof Int32Array ? { rows, ids } : null
  const requestOf = (
    place: Pick<ItemRequest, 'batchSize' | 'step' | 'microStep' | 'accumulationSteps'>,
  ): ItemRequest => ({ ...place, count: train.count, labels: ofTraining, lengths, texts, seed: config.seed })
  return {
    facts: coding.facts,
    trainItems({ step, batchSize, accumulationSteps }) {
      const places = microSteps(accumulationSteps).flatMap((microStep) => [
        ...sampleItems(sampler, requestOf({ step, microStep, batchSize, accumulationSteps })),
      ])
      const views = places.slice(0, mostShown).map((place) => itemView(train, place, coding))
      const shown = views.filter((view) => view !== null)
      return { step: step + 1, of: 'items', places, shown }
    },
    trainBatch({ batchSize, step, microStep, accumulationSteps }) {
      const { seed } = config
      const request = requestOf({ batchSize, step, microStep, accumulationSteps })
      const places = sampleItems(sampler, request)
      const drawing = { seed, step, firstRow: microStep * batchSize }
      const longest = () => lengthOfUpdate(lengths!, sampleItems(sampler, wholeUpdate(request)))
      const cut = isCut ? cutTo(wanted, longest()) : wanted
      return {
        arrays: itemBatch(cut, {
          part: train,
          places,
          coding,
          augmentations,
          textAugmentations,
          mixing,
          drawing,
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
