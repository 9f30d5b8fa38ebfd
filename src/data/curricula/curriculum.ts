import { DataError } from '../../core/errors.ts'
import type { Part } from '../../core/prepared.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { competence, type Growth } from './competence.ts'
import type { Difficulty, WindowsRequest } from './defineDifficulty.ts'
import { byDifficulty, easiestCount } from './easiest.ts'
import { difficulties } from './registry.ts'

/** Which examples may be drawn: the easiest, more of them as the run goes on. */
export interface Curriculum {
  /** Places that may be drawn at a step, the easiest first, at least `least` of them; null once all may. */
  at(step: number, least: number): Int32Array | null
}

/**
 * The curriculum that some settings mean, null for none; `label` is what the settings are called.
 * @throws DataError `curriculum-kind`
 */
export type CurriculumOf = (config: DataConfig['curriculum'], label: string) => Curriculum | null

/** By the texts of items. Difficulty is computed once for each kind. */
export function itemCurricula({
  part,
  vocabSize,
  seed,
}: {
  readonly part: Part
  readonly vocabSize: number | undefined
  readonly seed: number
}): CurriculumOf {
  return curricula((kind, label) => {
    const found = vocabSize === undefined ? null : kind.ofItems(part, vocabSize)
    if (found === null) throw wrongDifficulty(label, kind, { got: 'items without texts', able: [] })
    return byDifficulty(found, seed)
  })
}

/** By windows of a text: places are their numbers. */
export function windowCurricula({
  seed,
  ...request
}: WindowsRequest & { readonly seed: number }): CurriculumOf {
  return curricula((kind, label) => {
    const found = kind.ofWindows(request)
    if (found !== null) return byDifficulty(found, seed)
    const able = difficulties.all.filter((other) => other.id !== kind.id && other.dataKinds === undefined)
    throw wrongDifficulty(label, kind, { got: 'a running text, whose windows are all as long', able })
  })
}

function curricula(orderOf: (kind: Difficulty, label: string) => Int32Array): CurriculumOf {
  const orders = new Map<string, Int32Array>()
  return (config, label) => {
    if (config.kind === 'none') return null
    const order = orders.get(config.kind) ?? orderOf(difficulties.get(config.kind), label)
    orders.set(config.kind, order)
    return curriculumOf(order, config as Growth & typeof config)
  }
}

function curriculumOf(order: Int32Array, growth: Growth): Curriculum {
  let latest = order
  return {
    at(step, least) {
      const count = easiestCount(order.length, competence(growth, step), least)
      if (count === order.length) return null
      // The same array while it does not grow: what is gathered for it is kept by it.
      if (latest.length !== count) latest = order.subarray(0, count)
      return latest
    },
  }
}

function wrongDifficulty(
  label: string,
  { title }: Difficulty,
  { got, able }: { readonly got: string; readonly able: readonly Difficulty[] },
): DataError {
  const others = able.map((other) => `“${other.title}”`).join(' or ')
  return new DataError(`${label}: “${title}” must have texts of their own to compare, got ${got}`, {
    code: 'curriculum-kind',
    remedy: `Choose ${others === '' ? '' : `${others}, or `}no curriculum.`,
  })
}
