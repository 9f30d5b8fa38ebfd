import { endToken, startToken, vocabSizeWithEdges } from '../../core/edgeTokens.ts'
import { oneByOne, type NextTokensModel } from '../generation/beamSearch.ts'
import type { NextTokenModel } from '../generation/generate.ts'
import { argMaxOf } from '../generation/sampleToken.ts'
import type { WrittenText } from '../../core/taskView.ts'
import { factOf } from '../tasks/defineTask.ts'
import { tasks } from '../tasks/registry.ts'
import type { Batch, TrainSession } from './trainSession.ts'

/** What says, after a prompt, which token comes next, in one text or in several; and where texts of the task begin and end. */
export interface PromptWriter {
  readonly model: NextTokenModel & NextTokensModel
  /** To go on from. */
  readonly tokens: readonly number[]
  /** How many it can write; null for any number. */
  readonly most: number | null
  /** null where nothing ends a text. */
  readonly endToken: number | null
}

type Session = Pick<TrainSession, 'config' | 'facts' | 'nextLogits' | 'nextOfEach'>

/**
 * Its text goes on, or is turned into another, by the session's task.
 * @param prompt its tokens, at least one
 * @param beams how many texts may be written at once
 */
export function promptWriter(session: Session, prompt: readonly number[], beams = 1): PromptWriter {
  const { config, facts } = session
  const task = tasks.get(config.task)
  if (task.writing === undefined) {
    const nextLogits: NextTokenModel['nextLogits'] = (tokens) => session.nextLogits(tokens)
    const model = { nextLogits, ...oneByOne(session) }
    return { model, tokens: prompt, most: null, endToken: null }
  }
  const specs = task.arrays(facts, config)
  const [readLength, length] = [specs['texts']!.perItem, specs['targetIds']!.perItem]
  const vocabSize = factOf(facts, 'vocabSize')
  const texts = Int32Array.from({ length: beams * readLength }, (_, at) => prompt[at % readLength] ?? 0)
  const textMask = texts.map((_, at) => (at % readLength < prompt.length ? 1 : 0))
  const model: NextTokensModel = {
    async nextLogitsOfEach(sequences) {
      const [first] = sequences
      const row = first!.length - 1
      const targetIds = new Int32Array(beams * length)
      for (let beam = 0; beam < beams; beam++) targetIds.set(sequences[beam] ?? first!, beam * length)
      const batch = { arrays: { texts, textMask, targetIds }, batchSize: beams }
      const logits = withoutStart(await session.nextOfEach(batch, row), vocabSize)
      const width = logits.length / beams
      return sequences.map((_, beam) => logits.subarray(beam * width, (beam + 1) * width))
    },
  }
  return {
    model: { ...model, nextLogits: async (written) => (await model.nextLogitsOfEach([written]))[0]! },
    tokens: [startToken(vocabSize)],
    most: length,
    endToken: endToken(vocabSize),
  }
}

/** Scores of one place, or of several: a text never starts twice. */
function withoutStart(logits: Float32Array, vocabSize: number): Float32Array {
  const width = vocabSizeWithEdges(vocabSize)
  for (let at = startToken(vocabSize); at < logits.length; at += width) logits[at] = -1e30
  return logits
}

/** Greedily: the tokens [B, Tt] that follow each start, the end and what would come after it as the end. */
export async function writeEach(session: Session, batch: Batch, validItems: number): Promise<Int32Array> {
  const { batchSize, arrays } = batch
  const vocabSize = factOf(session.facts, 'vocabSize')
  const width = vocabSizeWithEdges(vocabSize)
  const length = arrays['targetIds']!.length / batchSize
  const written = new Int32Array(batchSize * length)
  const said = new Int32Array(batchSize * length).fill(endToken(vocabSize))
  const open = new Set(Array.from({ length: validItems }, (_, item) => item))
  for (let item = 0; item < batchSize; item++) written[item * length] = startToken(vocabSize)
  for (let row = 0; row < length && open.size > 0; row++) {
    const request = { ...batch, arrays: { ...arrays, targetIds: written } }
    const logits = withoutStart(await session.nextOfEach(request, row), vocabSize)
    for (const item of open) {
      const token = argMaxOf(logits.subarray(item * width, (item + 1) * width))
      said[item * length + row] = token
      if (token === endToken(vocabSize)) open.delete(item)
      else if (row + 1 < length) written[item * length + row + 1] = token
    }
  }
  return said
}

/** Of so many items of a validation it is shown what they look at. */
const mostLooks = 6

/** What the session writes of the items that count, in words. @param isLooking for pictures of what is looked at */
export async function writtenTexts(
  session: Session & Pick<TrainSession, 'attentionOfEach'>,
  batch: Batch,
  { decode, isLooking }: { decode: (tokens: readonly number[]) => string; isLooking: boolean },
): Promise<WrittenText[]> {
  const { batchSize, arrays, validItems = batchSize } = batch
  const vocabSize = factOf(session.facts, 'vocabSize')
  const end = endToken(vocabSize)
  const said = await writeEach(session, batch, validItems)
  const length = said.length / batchSize
  const readLength = arrays['texts']!.length / batchSize
  // What was written, each token behind the one before it: the shares of a place are those of the token that follows.
  const written = said.map((_, at) => (at % length === 0 ? startToken(vocabSize) : said[at - 1]!))
  const shares = isLooking
    ? await session.attentionOfEach({ ...batch, arrays: { ...arrays, targetIds: written } })
    : null
  const pieces = (tokens: readonly number[]) => tokens.map((token) => (token === end ? '⏎' : decode([token])))
  return Array.from({ length: validItems }, (_, item): WrittenText => {
    const own = untilEnd(said.subarray(item * length, (item + 1) * length), end)
    const right = untilEnd(
      arrays['targetNext']!.subarray(item * length, (item + 1) * length) as Int32Array,
      end,
    )
    const from = item * readLength
    const there = [...arrays['texts']!.keys()]
      .slice(from, from + readLength)
      .filter((at) => arrays['textMask']![at] === 1)
    const read = there.map((at) => arrays['texts']![at]!)
    const places = Math.min(length, own.length + 1)
    return {
      source: decode(read),
      right: decode(right),
      said: decode(own),
      attention:
        shares === null || item >= mostLooks
          ? null
          : {
              read: pieces(read),
              wrote: pieces([...own, end].slice(0, places)),
              shares: Float32Array.from({ length: places * read.length }, (_share, at) => {
                const place = item * length + Math.floor(at / read.length)
                return shares[place * readLength + there[at % read.length]! - from]!
              }),
            },
    }
  })
}

/** Tokens before the end, or before what nothing is asked of. */
function untilEnd(tokens: Int32Array, end: number): number[] {
  const last = tokens.findIndex((token) => token === end || token < 0)
  return [...(last < 0 ? tokens : tokens.subarray(0, last))]
}
