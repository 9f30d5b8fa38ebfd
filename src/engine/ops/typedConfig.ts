import type { ConfigValue, Fields, InferFields } from '../../core/schema.ts'

/** Settings of one registered thing, as they stand in a parsed config: possibly with its tag beside them. */
export type ConfigRecord = { readonly [name: string]: ConfigValue }

/**
 * The settings of `value` with the types that `fields` describe. `value` must come out of `core/schema.ts` `parse`
 * (every config that reaches the engine does), which is what makes this the one place where the type may be asserted.
 */
export function typedConfig<F extends Fields>(_fields: F, value: ConfigRecord): InferFields<F> {
  return value as InferFields<F>
}
