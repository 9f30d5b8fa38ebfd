import { Generator } from '../core/rng.ts'

export interface HidingRequest {
  /** [B, T], `seqLen` each. */
  readonly tokens: Int32Array
  readonly seqLen: number
  /** Tokens that there are; the one that hides another is the next id. */
  readonly vocabSize: number
  /** Share of tokens that are to be found again, 0 to 1. */
  readonly rate: number
  readonly seed: number
  readonly step: number
  /** Of the update: several batches of one hide different tokens. */
  readonly firstRow: number
}

/** Target of places that no loss and no metric counts, as the engine has it. */
const ignored = -1
/** What takes the place of a token that is to be found again, as BERT has it. */
const hiddenShare = 0.8
const randomShare = 0.1

/**
 * Of each sequence some tokens, one at least, are to be found again: 80 % of them are hidden, 10 % are another token, 10 % stay
 * (Devlin et al. 2019, A.1). What is drawn depends on seed, step and place alone.
 * @returns ids [B, T] to read, and targets [B, T], -1 where nothing is asked
 */
export function hideTokens(request: HidingRequest): { ids: Int32Array; targets: Int32Array } {
  const { tokens, seqLen, vocabSize, rate, seed, step, firstRow } = request
  const generator = new Generator(seed, 'hidden tokens')
  const ids = tokens.slice()
  const targets = new Int32Array(tokens.length).fill(ignored)
  // Four numbers a token, so that one Philox block serves each.
  const drawAt = (place: number, which: number) =>
    generator.uniform(step, 4 * (firstRow * seqLen + place) + which)
  const ask = (place: number) => {
    targets[place] = tokens[place]!
    const fate = drawAt(place, 1)
    if (fate < hiddenShare) ids[place] = vocabSize
    else if (fate < hiddenShare + randomShare) ids[place] = Math.floor(drawAt(place, 2) * vocabSize)
  }
  for (let first = 0; first < tokens.length; first += seqLen) {
    let asked = 0
    for (let place = first; place < first + seqLen; place++) {
      if (drawAt(place, 0) >= rate) continue
      ask(place)
      asked++
    }
    if (asked === 0) ask(first + Math.floor(drawAt(first, 3) * seqLen))
  }
  return { ids, targets }
}
