import type { InputKind } from '../../losses/lossInputs.ts'
import { losses } from '../../losses/registry.ts'

/** Ids of all losses that are computed from one of these, so that a new one is offered without a word; `first` leads. */
export function lossesOf(first: string, kinds: readonly InputKind[]): string[] {
  const fitting = losses.all.filter(({ accepts }) => kinds.includes(accepts)).map(({ id }) => id)
  return [first, ...fitting.filter((id) => id !== first)]
}
