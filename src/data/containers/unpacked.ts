import { DataError } from '../../core/errors.ts'
import { firstBytes, pathOf, type ImportSource } from '../reading/source.ts'
import type { ContainerContext } from './defineContainer.ts'
import { isLitter } from './parts/litter.ts'
import { containers } from './registry.ts'

/** A zip of gzip files of tables is three deep; more is a mistake, or an attack. */
const mostDepth = 4

/**
 * The files, each container replaced by what it holds, and what systems leave beside files left out. Throws what the
 * containers throw: `broken-archive`, `too-large`, `cancelled`, `unreadable-file`, …
 */
export async function unpacked(
  files: readonly ImportSource[],
  context: ContainerContext,
  depth = 0,
): Promise<ImportSource[]> {
  const out: ImportSource[] = []
  for (const file of files) {
    // One file that was chosen by itself is wanted, whatever it is called.
    if (files.length > 1 && isLitter(pathOf(file))) continue
    const inner = await opened(file, context)
    if (inner === null) {
      out.push(file)
      continue
    }
    if (depth === mostDepth) throw tooDeep(file)
    for (const found of await unpacked(inner, context, depth + 1)) out.push(found)
  }
  return out
}

async function opened(
  file: ImportSource,
  context: ContainerContext,
): Promise<readonly ImportSource[] | null> {
  if (file.held) return null
  const head = await firstBytes(file, context.signal)
  const container = containers.all.find(({ matches }) => matches(head))
  return container ? container.open(file, context) : null
}

function tooDeep({ name }: ImportSource): DataError {
  return new DataError(
    `${name}: archives must lie at most ${mostDepth} deep in each other; nothing was stored`,
    {
      code: 'too-large',
      remedy: 'Unpack them yourself and drop what they hold.',
      details: { file: name },
    },
  )
}
