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

interface CurriculumRequest<T> {
  readonly config: DataConfig['curriculum']
  readonly seed: number
  readonly of: T
}

/** By the texts of items. Difficulty is computed here, once. null without a curriculum. @throws DataError `curriculum-kind` */
export function itemCurriculum({
  config,
  seed,
  of: { part, vocabSize },
}: CurriculumRequest<{ part: Part; vocabSize: number | undefined }>): Curriculum | null {
  if (config.kind === 'none') return null
  const kind = difficulties.get(config.kind)
  const found = vocabSize === undefined ? null : kind.ofItems(part, vocabSize)
  if (found === null) throw wrongDifficulty(kind, 'items without texts', [])
  return curriculumOf(found, config as Growth & typeof config, seed)
}

/** By windows of a text: places are their numbers. null without a curriculum. @throws DataError `curriculum-kind` */
export function windowCurriculum({
  config,
  seed,
  of: request,
}: CurriculumRequest<WindowsRequest>): Curriculum | null {
  if (config.kind === 'none') return null
  const kind = difficulties.get(config.kind)
  const found = kind.ofWindows(request)
  if (found === null) {
    const able = difficulties.all.filter((other) => other.id !== kind.id && other.dataKinds === undefined)
    throw wrongDifficulty(kind, 'a running text, whose windows are all as long', able)
  }
  return curriculumOf(found, config as Growth & typeof config, seed)
}

function curriculumOf(difficulty: Float64Array, growth: Growth, seed: number): Curriculum {
  const order = byDifficulty(difficulty, seed)
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

function wrongDifficulty({ title }: Difficulty, got: string, able: readonly Difficulty[]): DataError {
  const others = able.map((other) => `“${other.title}”`).join(' or ')
  return new DataError(`Curriculum: “${title}” must have texts of their own to compare, got ${got}`, {
    code: 'curriculum-kind',
    remedy: `Choose ${others === '' ? '' : `${others}, or `}no curriculum.`,
  })
}
