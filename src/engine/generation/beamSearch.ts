import { DeviceError } from '../../core/errors.ts'
import { hasNonFinite } from '../ops/nonFinite.ts'
import type { NextTokenModel } from './generate.ts'
import { penalised, type RepetitionOptions } from './sampleToken.ts'

/** Whatever tells the logits [V] of the token that follows each of several sequences of one length, at most one a beam. */
export interface NextTokensModel {
  nextLogitsOfEach(sequences: readonly (readonly number[])[]): Promise<readonly Float32Array[]>
}

/** A model that reads one sequence after the other. */
export function oneByOne(model: NextTokenModel): NextTokensModel {
  return {
    async nextLogitsOfEach(sequences) {
      const logits: Float32Array[] = []
      for (const tokens of sequences) logits.push(await model.nextLogits(tokens))
      return logits
    },
  }
}

export interface BeamOptions extends RepetitionOptions {
  /** What it goes on from; at least one token. */
  readonly tokens: readonly number[]
  /** How many tokens to write at most. */
  readonly count: number
  /** Texts that are followed at once; 1 is greedy. */
  readonly beams: number
  /** Scores are log-probabilities divided by length to this power: above 0 favours long texts, 0 none. */
  readonly lengthPenalty: number
  /** Ends a text; null where none does. */
  readonly endToken: number | null
  /**
   * Stops at `beams` finished texts. Otherwise only when no open one can become better than the worst of them, judged by
   * what it has now.
   */
  readonly isEarlyStopping: boolean
}

/** A text that was written, without the prompt; with its end token where it has one. */
export interface Hypothesis {
  readonly tokens: readonly number[]
  /** Sum of log-probabilities, as the penalty of repetitions leaves them, / length^lengthPenalty. */
  readonly score: number
}

interface Beam {
  readonly tokens: readonly number[]
  readonly logProbability: number
}

/**
 * The likeliest texts, best first: at each place the 2·beams likeliest continuations of all beams are looked at, those that end
 * are put aside if they are among the first `beams`, and the likeliest others go on, as in Hugging Face's `beam_search`.
 * Ties go to the earlier beam and the lower id. What is said of repetitions changes log-probabilities, not logits, and they are
 * not made to add up to 1 again.
 * @throws DeviceError `non-finite` when the model's numbers have broken down
 */
export async function beamSearch(model: NextTokensModel, options: BeamOptions): Promise<Hypothesis[]> {
  const { count, beams, endToken, isEarlyStopping } = options
  let open: Beam[] = [{ tokens: [], logProbability: 0 }]
  const finished: Hypothesis[] = []
  const finish = ({ tokens, logProbability }: Beam): void => {
    finished.push({ tokens, score: scoreOf(logProbability, tokens.length, options) })
    finished.sort((a, b) => b.score - a.score)
    finished.splice(beams)
  }
  for (let length = 1; length <= count && open.length > 0; length++) {
    const read = open.map(({ tokens }) => [...options.tokens, ...tokens])
    const logits = await model.nextLogitsOfEach(read)
    const found = open.flatMap((beam, i) => continuations(beam, logits[i]!, options))
    found.sort((a, b) => b.logProbability - a.logProbability)
    open = []
    found.slice(0, 2 * beams).forEach((beam, rank) => {
      if (beam.tokens.at(-1) !== endToken) {
        if (open.length < beams) open.push(beam)
      } else if (rank < beams) finish(beam)
    })
    const best = open[0]
    if (finished.length < beams || best === undefined) continue
    const worst = finished.at(-1)!.score
    if (isEarlyStopping || worst >= scoreOf(best.logProbability, length, options)) return finished
  }
  open.forEach(finish)
  return finished
}

function scoreOf(logProbability: number, length: number, { lengthPenalty }: BeamOptions): number {
  return logProbability / length ** lengthPenalty
}

/** The 2·beams likeliest ways on from a beam, fewer where the others are banned, with log-probabilities in float64. */
function continuations({ tokens, logProbability }: Beam, logits: Float32Array, options: BeamOptions): Beam[] {
  const seen = [...options.tokens, ...tokens]
  if (hasNonFinite(logits)) {
    throw new DeviceError(
      `Beam search: logits must be finite, got NaN or infinity for token ${tokens.length}`,
      { code: 'non-finite', remedy: 'The weights are broken: go back to an earlier checkpoint.' },
    )
  }
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const logTotal = largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0))
  const scores = penalised(
    Float64Array.from(logits, (logit) => logit - logTotal),
    options,
    seen,
  )
  const ids = Int32Array.from(scores.keys()).filter((id) => scores[id]! > -Infinity)
  ids.sort((a, b) => scores[b]! - scores[a]! || a - b)
  return [...ids.subarray(0, 2 * options.beams)].map((id) => ({
    tokens: [...tokens, id],
    logProbability: logProbability + scores[id]!,
  }))
}
