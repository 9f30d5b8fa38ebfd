import type { RunConfig } from '../../src/core/runConfig.ts'
import { Generator } from '../../src/core/rng.ts'
import gpt from '../../src/engine/models/gpt.ts'
import { nextTokenSizes } from '../../src/engine/models/modelInputs.ts'
import { initialValues } from '../../src/engine/nn/parameter.ts'
import type { Batch } from '../../src/engine/training/trainSession.ts'
import { engineConfig } from '../helpers/engineConfig.ts'
import { tokenBatch } from '../helpers/tokenBatch.ts'
import { hyper, normEpsilon, type BenchSize } from './sizes.ts'

/** A weight under Bunsen's name and in its layout: linear layers [in, out], the head [vocabSize, embedDim]. */
export interface BenchWeight {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

export type Precision = RunConfig['stages'][number]['precision']

/** What every contender is given. */
export interface Workload {
  readonly size: BenchSize
  readonly config: RunConfig
  readonly weights: readonly BenchWeight[]
  /** The batch of step `index`: the same for everybody. */
  batch(index: number): Batch
}

const seed = 1

/** @param precision of the engine’s stage; the others compute in f32 */
export function createWorkload(size: BenchSize, precision: Precision = 'float32'): Workload {
  const { numLayers, embedDim, numHeads, seqLen, batchSize, vocabSize } = size
  const config = engineConfig({
    seed,
    model: { numLayers, embedDim, numHeads, seqLen, normEpsilon, isHeadTied: false, dropoutRate: 0 },
    stage: {
      batchSize,
      precision,
      gradClipNorm: 0,
      optimizer: { kind: 'adamw', decayOn: 'everything', ...hyper },
    },
  })
  const weights = gpt.parameters(config.model, nextTokenSizes(vocabSize)).map((spec) => ({
    name: spec.name,
    shape: spec.shape,
    values: initialValues(spec, seed),
  }))
  return { size, config, weights, batch: (index) => makeBatch(size, index) }
}

/** Sequences that follow a simple rule four times out of five, so that the loss falls. */
function makeBatch({ batchSize, seqLen, vocabSize }: BenchSize, index: number): Batch {
  const generator = new Generator(seed, 'bench/batch')
  const ids = new Int32Array(batchSize * seqLen)
  const targets = new Int32Array(batchSize * seqLen)
  for (let row = 0; row < batchSize; row++) {
    let token = generator.below(vocabSize, index, row)
    for (let position = 0; position < seqLen; position++) {
      const at = row * seqLen + position
      ids[at] = token
      const isRegular = generator.uniform(index, batchSize + 2 * at) < 0.8
      token = isRegular
        ? (token * 7 + 3) % vocabSize
        : generator.below(vocabSize, index, batchSize + 2 * at + 1)
      targets[at] = token
    }
  }
  return tokenBatch({ ids, targets, batchSize })
}
