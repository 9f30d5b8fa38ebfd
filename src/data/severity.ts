import type { ConfigValue, Fields } from '../core/schema.ts'

/** Something whose strength can be lowered. */
export interface Weakenable<P> {
  /** Settings with which it changes nothing, or nearly so: what its strength goes to. */
  readonly neutral: { readonly [K in keyof P]?: number }
}

interface Kinds {
  get(kind: string): Weakenable<Record<string, ConfigValue>> & { readonly fields: Fields }
}

/**
 * The same changes at a share of their strength: each setting on the line from where it changes nothing to its own.
 * @param strength 0 for none, 1 for that of the settings
 */
export function weakened<T extends { kind: string } & Record<string, ConfigValue>>(
  steps: readonly T[],
  kinds: Kinds,
  strength: number,
): T[] {
  if (strength >= 1) return [...steps]
  return steps.map((step) => {
    const { neutral, fields } = kinds.get(step.kind)
    const weak = Object.entries(neutral).map(([name, none]) => {
      const value = none! + (Number(step[name]) - none!) * strength
      return [name, fields[name]!.type === 'int' ? Math.round(value) : value] as const
    })
    return { ...step, ...Object.fromEntries(weak) }
  })
}
