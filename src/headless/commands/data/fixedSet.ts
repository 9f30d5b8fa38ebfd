import { extname } from 'node:path'
import type { DataKind } from '../../../core/catalog.ts'
import { counted } from '../../../core/counted.ts'
import { revisionOf, suggestedDecisions } from '../../../core/decisions.ts'
import { ConfigError } from '../../../core/errors.ts'
import type { Diagnosis } from '../../../core/finding.ts'
import { nearestName } from '../../../core/schema.ts'
import { checks } from '../../../data/doctor/checks.ts'
import { reviseSet } from '../../../data/reviseSet.ts'
import { endings } from '../../../data/setFile.ts'

/** Which fixes are taken. */
export interface Fixes {
  /** Ids of checks whose items are left out. */
  readonly drop: readonly string[]
  /** Labels are taken of which a check is at least so sure; null takes none. */
  readonly relabel: number | null
}

interface Flags {
  readonly fix: string | null
  readonly drop: string | null
  readonly relabel: number | null
}

/** Throws ConfigError `bad-arguments` for a check that there is not, and for fixes of which nothing is written. */
export function fixesOf({ fix, drop, relabel }: Flags): Fixes {
  if (fix === null && (drop !== null || relabel !== null))
    throw bad('--drop and --relabel are of --fix', 'Add --fix OUT, the file to write.')
  if (drop === null) return { drop: relabel === null ? ['duplicates'] : [], relabel }
  const ids = checks.all.map(({ id }) => id)
  const wanted = drop.split(',').map((name) => name.trim())
  for (const name of wanted) {
    if (ids.includes(name)) continue
    const near = nearestName(name, ids)
    throw bad(
      `--drop: there is no check "${name}"`,
      near === null ? `Checks: ${ids.join(', ')}.` : `Did you mean ${near}?`,
    )
  }
  return { drop: wanted, relabel }
}

/** Throws ConfigError `bad-arguments` for a file that would be read as another kind. */
export function checkEnding(kind: DataKind, out: string): void {
  const own = endings[kind]
  if (own.includes(extname(out).toLowerCase())) return
  throw bad(
    `--fix: this set is written as ${own.join(' or ')}, got "${out}"`,
    `Name a file that ends in ${own[0]}.`,
  )
}

/** The next version of a set, null where nothing is to be done, and what was done in a sentence. Throws what `reviseSet` throws. */
export function fixedSet(
  diagnosis: Diagnosis,
  { kind, bytes, fixes }: { kind: DataKind; bytes: Uint8Array; fixes: Fixes },
): { content: Uint8Array | null; words: string } {
  const taken = diagnosis.findings.filter(({ check, fix, confidence }) =>
    fix.kind === 'relabel'
      ? fixes.relabel !== null && confidence >= fixes.relabel
      : fix.kind === 'drop' && fixes.drop.includes(check),
  )
  const labelColumn = kind === 'table' ? (diagnosis.labels?.column ?? null) : null
  const revision = revisionOf(suggestedDecisions(taken), labelColumn)
  const { drop, relabel } = revision
  if (drop.length + relabel.length === 0)
    return { content: null, words: 'not written, there is nothing to mend by these fixes.' }
  const { bytes: content, records } = reviseSet(kind, bytes, revision)
  const words = `${counted(records, 'item', 'items')}, ${drop.length} left out, ${relabel.length} labelled anew.`
  return { content, words }
}

function bad(what: string, remedy: string): ConfigError {
  return new ConfigError(`command line: ${what}`, { code: 'bad-arguments', remedy })
}
