import { DeviceError } from '../../core/errors.ts'
import type { Generator } from '../../core/rng.ts'
import type { SamplingOptions } from '../../core/sampling.ts'
import { hasNonFinite } from '../ops/nonFinite.ts'
import { sampleToken } from './sampleToken.ts'

/** Whatever tells the logits [V] of the token that follows a sequence. */
export interface NextTokenModel {
  nextLogits(tokens: readonly number[]): Promise<Float32Array>
}

export interface GenerateOptions extends SamplingOptions {
  /** What it goes on from; at least one token. */
  readonly tokens: readonly number[]
  /** How many tokens to write. */
  readonly count: number
  /** Ends the text and is not told; none by default. */
  readonly endToken?: number | null
  /** Token number i takes the generator's number 0 of step i: equal generators write equal texts. */
  readonly generator: Generator
}

/**
 * Writes tokens one after the other, each from all before it (the model crops to its context). Stop by leaving the
 * loop. Throws `non-finite` when the model's numbers have broken down.
 */
export async function* generate(
  model: NextTokenModel,
  { tokens, count, endToken = null, generator, ...sampling }: GenerateOptions,
): AsyncGenerator<number, void, undefined> {
  const written = [...tokens]
  for (let i = 0; i < count; i++) {
    const logits = await model.nextLogits(written)
    if (hasNonFinite(logits)) {
      throw new DeviceError(`Generation: logits must be finite, got NaN or infinity for token ${i}`, {
        code: 'non-finite',
        remedy: 'The weights are broken: go back to an earlier checkpoint.',
      })
    }
    const token = sampleToken(logits, sampling, generator.uniform(i, 0), written)
    if (token === endToken) return
    written.push(token)
    yield token
  }
}
