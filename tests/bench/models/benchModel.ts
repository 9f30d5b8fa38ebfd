import type { Array as JaxArray } from '@jax-js/jax'
import type { DataFacts } from '../../../src/core/dataFacts.ts'
import type { RunConfig } from '../../../src/core/runConfig.ts'
import type { Scalar, Tensor } from '../../../src/engine/backend/tfjs.ts'
import { initialValues } from '../../../src/engine/nn/parameter.ts'
import type { Batch } from '../../../src/engine/training/trainSession.ts'
import { weightSpecs } from '../../../src/engine/training/weightSpecs.ts'
import { engineConfig, type EngineSettings } from '../../helpers/engineConfig.ts'
import type { Jax } from '../contenders/jaxTransformer.ts'
import { hyper, seed } from '../hyper.ts'

/** A weight under Bunsen's name and in its layout: linear layers [in, out], tables [rows, D]. */
export interface BenchWeight {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

export type Precision = RunConfig['stages'][number]['precision']

/** Looks a weight up by Bunsen's name. */
export type StockWeight = (name: string) => Tensor

/** The same in jax-js, where each is used once, as its ownership rules want it. */
export type JaxWeight = (name: string) => JaxArray

/** What every contender is given. */
export interface Workload {
  readonly config: RunConfig
  readonly facts: DataFacts
  readonly weights: readonly BenchWeight[]
  /** The batch of step `index`: the same for everybody. */
  batch(index: number): Batch
}

/** A model to train, in Bunsen by its configuration and in the other libraries by hand. */
export interface BenchModel {
  readonly name: string
  /** In words. */
  readonly shape: string
  /** Of its matrix products. */
  readonly flopsPerStep: number
  /** What throughput is counted in. */
  readonly perStep: { readonly count: number; readonly unit: 'tokens' | 'images' | 'pairs' }
  /** @param precision of the engine’s stage; the others compute in f32 */
  workload(precision?: Precision): Workload
  /** Arrays of a batch that the loss reads, in the order in which the others get them, flat. */
  readonly feeds: readonly string[]
  stockLoss(weight: StockWeight, feeds: readonly Tensor[]): Scalar
  jaxLoss(jax: Jax): (weight: JaxWeight, feeds: readonly JaxArray[]) => JaxArray
}

/** @param settings its task and model, and what its stage has beyond what all have in common */
export function createWorkload(
  settings: EngineSettings & { readonly batchSize: number; readonly precision: Precision },
  { facts, batch }: Pick<Workload, 'facts' | 'batch'>,
): Workload {
  const { batchSize, precision, stage, ...others } = settings
  const optimizer = { kind: 'adamw', decayOn: 'everything', ...hyper }
  const config = engineConfig({
    ...others,
    seed,
    stage: { batchSize, precision, gradClipNorm: 0, optimizer, ...stage },
  })
  const weights = weightSpecs(config, facts).map((spec) => ({
    name: spec.name,
    shape: spec.shape,
    values: initialValues(spec, seed),
  }))
  return { config, facts, weights, batch }
}
