import { DeviceError } from '../../core/errors.ts'
import { hasNonFinite } from '../ops/nonFinite.ts'
import type { NextTokenModel } from './generate.ts'

export interface BeamOptions {
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
  /** Sum of log-probabilities / length^lengthPenalty. */
  readonly score: number
}

interface Beam {
  readonly tokens: readonly number[]
  readonly logProbability: number
}

/**
 * The likeliest texts, best first: at each place the 2·beams likeliest continuations of all beams are looked at, those that end
 * are put aside if they are among the first `beams`, and the likeliest others go on, as in Hugging Face's `beam_search`.
 * Ties go to the earlier beam and the lower id.
 * @throws DeviceError `non-finite` when the model's numbers have broken down
 */
export async function beamSearch(model: NextTokenModel, options: BeamOptions): Promise<Hypothesis[]> {
  const { tokens: prompt, count, beams, endToken, isEarlyStopping } = options
  let open: Beam[] = [{ tokens: [], logProbability: 0 }]
  const finished: Hypothesis[] = []
  const finish = ({ tokens, logProbability }: Beam): void => {
    finished.push({ tokens, score: scoreOf(logProbability, tokens.length, options) })
    finished.sort((a, b) => b.score - a.score)
    finished.splice(beams)
  }
  for (let length = 1; length <= count && open.length > 0; length++) {
    const found: Beam[] = []
    for (const beam of open) found.push(...(await continuations(model, prompt, beam, 2 * beams)))
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

/** The likeliest ways on from a beam, with log-probabilities in float64. */
async function continuations(
  model: NextTokenModel,
  prompt: readonly number[],
  { tokens, logProbability }: Beam,
  most: number,
): Promise<Beam[]> {
  const logits = await model.nextLogits([...prompt, ...tokens])
  if (hasNonFinite(logits)) {
    throw new DeviceError(
      `Beam search: logits must be finite, got NaN or infinity for token ${tokens.length}`,
      { code: 'non-finite', remedy: 'The weights are broken: go back to an earlier checkpoint.' },
    )
  }
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const logTotal = largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0))
  const ids = Int32Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b)
  return [...ids.subarray(0, most)].map((id) => ({
    tokens: [...tokens, id],
    logProbability: logProbability + logits[id]! - logTotal,
  }))
}
