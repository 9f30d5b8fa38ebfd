import { DataError } from '../../core/errors.ts'
import { factOf } from '../tasks/defineTask.ts'
import { seqLenOf } from '../models/seqLenOf.ts'
import type { Functions } from './functions.ts'
import type { SessionState } from './trainSessionState.ts'

/** New tokens up to which reading each is quicker than reading the whole context: one costs about a third of it. */
const mostOneByOne = 2

/**
 * Says what comes next, token by token: what a layer kept of the tokens before is used again where a sequence goes on from
 * the last one, within the model's context. Beyond it every place moves with each token, so that the whole context is
 * read anew.
 */
export class TokenReader {
  readonly #state: SessionState
  readonly #functions: Functions
  /** Those whose keys and values are kept. */
  #kept: readonly number[] = []

  constructor(state: SessionState, functions: Functions) {
    this.#state = state
    this.#functions = functions
  }

  /** Whenever weights have changed. */
  forget(): void {
    this.#kept = []
  }

  /** float32 [vocabSize]. @throws DataError `token-range` */
  async nextLogits(tokens: readonly number[]): Promise<Float32Array> {
    const { config, facts } = this.#state
    const vocabSize = factOf(facts, 'vocabSize')
    const seqLen = seqLenOf(config)
    const seen = tokens.slice(-seqLen)
    const bad = seen.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize)
    if (seen.length === 0 || bad !== undefined) {
      const got = bad === undefined ? 'none' : String(bad)
      throw new DataError(`Prompt: must hold tokens from 0 to ${vocabSize - 1}, got ${got}`, {
        code: 'token-range',
      })
    }
    const oneByOne = this.#functions.token()
    await oneByOne?.prepared()
    const isNew = (id: number, place: number): boolean => this.#kept[place] !== id
    const firstNew = seen.findIndex(isNew)
    // A token whose keys are there is read again where it is the last: its logits are not.
    const first = firstNew === -1 ? seen.length - 1 : firstNew
    this.#kept = seen
    if (oneByOne === null || seen.length - first > mostOneByOne) return this.#readWhole(seen, seqLen)
    for (let place = first; ; place++) {
      const values = { ids: Int32Array.of(seen[place]!), row: Int32Array.of(place) }
      const pending = oneByOne.call(values, 0)
      if (place === seen.length - 1) return pending.read()
      pending.discard()
    }
  }

  /** Filled up on the right, where causal attention does not look: one shape, so it is recorded once. */
  async #readWhole(seen: readonly number[], seqLen: number): Promise<Float32Array> {
    const ids = Int32Array.from({ length: seqLen }, (_, i) => seen[i] ?? 0)
    const logits = this.#functions.logits()
    await logits.prepared()
    return logits.call({ ids, row: Int32Array.of(seen.length - 1) }, 0).read()
  }
}
