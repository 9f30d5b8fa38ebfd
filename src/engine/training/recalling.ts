import type { HiddenPlace } from '../../core/taskView.ts'
import { probabilities } from '../evaluation/rankings.ts'
import { ignoredTarget } from '../losses/lossInputs.ts'
import { tasks } from '../tasks/registry.ts'
import type { Batch, TrainSession } from './trainSession.ts'

/** So many texts of a validation are shown, so many hidden tokens of each, and so many guesses of each of these. */
const mostTexts = 6
const mostPlaces = 8
const mostGuesses = 5
/** Tokens that are shown behind the last hidden one. */
const tail = 12

/** What a session takes the hidden tokens of the first texts of a batch for, in words. */
export async function recalledTexts(
  session: Pick<TrainSession, 'config' | 'facts' | 'scoresAt'>,
  batch: Batch,
  decode: (tokens: readonly number[]) => string,
): Promise<(string | HiddenPlace)[][]> {
  const specs = Object.entries(tasks.get(session.config.task).arrays(session.facts, session.config))
  const idsName = specs.find(([, { isTarget }]) => !isTarget)![0]
  const targetsName = specs.find(([, { isTarget }]) => isTarget)![0]
  const [ids, targets] = [idsName, targetsName].map((name) => batch.arrays[name] as Int32Array) as [
    Int32Array,
    Int32Array,
  ]
  const seqLen = ids.length / batch.batchSize
  const texts = Math.min(mostTexts, batch.validItems ?? batch.batchSize)
  const asked = Array.from({ length: texts }, (_, text) =>
    Array.from({ length: seqLen }, (_place, at) => text * seqLen + at)
      .filter((at) => targets[at] !== ignoredTarget)
      .slice(0, mostPlaces),
  )
  // Always as many, so that one function serves: those that are left over ask for the first place once more.
  const places = Int32Array.from({ length: texts * mostPlaces }, () => 0)
  asked.flat().forEach((at, i) => (places[i] = at))
  const few = { arrays: { [idsName]: ids.subarray(0, texts * seqLen) }, batchSize: texts }
  const logits = await session.scoresAt(few, places)
  const numClasses = logits.length / places.length
  const placeOf = new Map(asked.flat().map((at, i) => [at, i]))
  const found = (at: number): HiddenPlace => {
    const row = placeOf.get(at)!
    const own = probabilities({ logits, numClasses, targets }, row)
    // The token that hides others, the last, is nothing to be guessed and has no words.
    const best = [...own.keys()].slice(0, -1).sort((a, b) => own[b]! - own[a]! || a - b)
    const right = targets[at]!
    return {
      right: decode([right]),
      read: ids[at] === numClasses - 1 ? null : decode([ids[at]!]),
      guesses: best.slice(0, mostGuesses).map((token) => ({
        token: decode([token]),
        probability: own[token]!,
        isRight: token === right,
      })),
      rightProbability: own[right]!,
    }
  }
  return asked.map((own, text) => {
    const first = text * seqLen
    const end = Math.min(first + seqLen, (own.at(-1) ?? first) + 1 + tail)
    // As it was before anything of it was hidden: what stands between two places is what the whole has there.
    const whole = Array.from({ length: end - first }, (_, i) =>
      targets[first + i] === ignoredTarget ? ids[first + i]! : targets[first + i]!,
    )
    const upTo = (at: number) => decode(whole.slice(0, at - first))
    const between = (from: number, to: number) => upTo(to).slice(upTo(from).length)
    const pieces = own.flatMap((at, i) => [between(i === 0 ? first : own[i - 1]! + 1, at), found(at)])
    return [...pieces, between((own.at(-1) ?? first - 1) + 1, end)].filter((piece) => piece !== '')
  })
}
