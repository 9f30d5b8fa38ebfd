import type { StageConfig } from '../../core/runConfig.ts'
import type { Issue, Path } from '../../core/schema.ts'
import { nearestName } from '../../core/schema.ts'

type Component = StageConfig['components'][number]

/** How one weight learns in a stage. */
export interface Treatment {
  readonly isFrozen: boolean
  readonly learningRateMultiplier: number
  /** null for the optimizer's. */
  readonly weightDecay: number | null
}

const plain: Treatment = { isFrozen: false, learningRateMultiplier: 1, weightDecay: null }

/**
 * Whether `name` begins with `match`, where `*` stands for any characters. A beginning ends at a dot, so that
 * `transformer.h.1` does not take `transformer.h.10` along. Two pointers with one way back, not a regular
 * expression: many stars in a shared link must not make the page hang.
 */
export function matchesName(match: string, name: string): boolean {
  return matchesWhole(match, name) || matchesWhole(match.endsWith('.') ? `${match}*` : `${match}.*`, name)
}

function matchesWhole(pattern: string, name: string): boolean {
  let p = 0
  let star = -1
  let restart = 0
  for (let n = 0; n < name.length;) {
    if (pattern[p] === '*') {
      star = p++
      restart = n
    } else if (pattern[p] === name[n]) {
      p++
      n++
    } else if (star >= 0) {
      p = star + 1
      n = ++restart
    } else return false
  }
  return [...pattern.slice(p)].every((rest) => rest === '*')
}

/** The first component that matches decides. @param step updates of the stage before */
export function treatmentOf(components: readonly Component[], name: string, step: number): Treatment {
  const found = components.find(({ match }) => matchesName(match, name))
  if (found === undefined) return plain
  const { unfreezeAt, learningRateMultiplier, hasOwnDecay, weightDecay } = found
  const isFrozen = found.isFrozen && (unfreezeAt === 0 || step < unfreezeAt)
  return { isFrozen, learningRateMultiplier, weightDecay: hasOwnDecay ? weightDecay : null }
}

/** Step of the stage since which the same weights learn: 0, or when parts were last unfrozen (Howard and Ruder 2018). */
export function phaseStart(components: readonly Component[], step: number): number {
  const starts = components.flatMap(({ isFrozen, unfreezeAt }) =>
    isFrozen && unfreezeAt > 0 && unfreezeAt <= step ? [unfreezeAt] : [],
  )
  return Math.max(0, ...starts)
}

/** Components that match no weight, and stages in which nothing would learn. `path` is the stage's. */
export function checkComponents(
  components: readonly Component[],
  names: readonly string[],
  path: Path,
): Issue[] {
  const issues = components.flatMap(({ match }, i): Issue[] => {
    if (names.some((name) => matchesName(match, name))) return []
    const parts = new Set(
      names.flatMap((name) => name.split('.').map((_, k, all) => all.slice(0, k + 1).join('.'))),
    )
    const near = nearestName(match, [...parts])
    const remedy = near === null ? `names begin with ${names[0] ?? ''} and so on` : `did you mean ${near}?`
    return [
      {
        path: [...path, 'components', i, 'match'],
        message: `must be how a weight's name begins, got ${JSON.stringify(match)}, which matches none; ${remedy}`,
      },
    ]
  })
  if (issues.length > 0 || names.some((name) => !treatmentOf(components, name, 0).isFrozen)) return issues
  return [
    {
      path: [...path, 'components'],
      message: 'must leave some weight to learn from the first step on, got all of them frozen',
    },
  ]
}
