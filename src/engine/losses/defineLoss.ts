import type { CatalogEntry } from '../../core/catalog.ts'
import type { Fields, InferFields } from '../../core/schema.ts'
import type { Scalar, Tensor1D, Tensor2D } from '../backend/tfjs.ts'
import { typedConfig, type ConfigRecord } from '../ops/typedConfig.ts'

/** Logits [N, V] that are too large to be made as a whole: rows · tableᵀ. */
export interface UnmadeLogits {
  /** float32 [N, D] */
  readonly rows: Tensor2D
  /** [V, D] */
  readonly table: Tensor2D
}

/** What a task's forward pass hands to losses. */
export interface LogitsInput {
  /** [N, V] */
  readonly logits: Tensor2D | UnmadeLogits
  /** int32 [N]; `ignoredTarget` where there is nothing to predict. */
  readonly targets: Tensor1D
}

/** Target of positions that no loss and no metric counts. */
export const ignoredTarget = -1

export interface LossResult {
  /** Mean over the positions that count. */
  readonly loss: Scalar
  /** Its terms by name, for the charts; empty when there is only one. */
  readonly parts: { readonly [name: string]: Scalar }
}

export interface LossSpec extends CatalogEntry {
  /** What it can be computed from: only fitting losses are offered. */
  readonly accepts: 'logits'
  compute(params: ConfigRecord, input: LogitsInput): LossResult
}

interface LossDefinition<F extends Fields> extends CatalogEntry {
  readonly fields: F
  readonly accepts: 'logits'
  compute(params: InferFields<F>, input: LogitsInput): LossResult
}

export function defineLoss<const F extends Fields>(definition: LossDefinition<F>): LossSpec {
  return {
    ...definition,
    compute: (params, input) => definition.compute(typedConfig(definition.fields, params), input),
  }
}
