import { unzipSync } from 'fflate'
import { DataError } from '../../core/errors.ts'
import { shownName } from '../../core/shownName.ts'
import { maxSetSizeBytes, tooLarge } from './sizeLimit.ts'
import { memorySource, pathOf, readWhole, type ImportSource } from './source.ts'

/** More files than this are a mistake, or an attack. */
const mostEntries = 200_000

/** Of the first file in it, or of the end where it holds none. */
const zipMagics = ['PK\x03\x04', 'PK\x05\x06']
/** Zip files that are one document, and are refused as what they are. */
const documentParts = /^(\[Content_Types\]\.xml|mimetype|META-INF\/|.*data\.pkl)/

/** What systems leave beside people's files; a folder that was chosen itself is wanted, whatever it is called. */
export function isLitter(path: string): boolean {
  const parts = path.split('/')
  return (parts.length > 1 ? parts.slice(1) : parts).some((part) =>
    /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i.test(part),
  )
}

/**
 * The files, each zip archive replaced by what it holds, and what systems leave beside files left out. Never unpacks more
 * than a data set may hold. Throws `too-large`, `broken-archive`, `cancelled`, `unreadable-file`.
 */
export async function unpacked(
  files: readonly ImportSource[],
  signal: AbortSignal | undefined,
): Promise<ImportSource[]> {
  const out: ImportSource[] = []
  for (const file of files) {
    // One file that was chosen by itself is wanted, whatever it is called.
    if (files.length > 1 && isLitter(pathOf(file))) continue
    if (/\.zip$/i.test(file.name)) out.push(...(await entriesOf(file, signal)))
    else out.push(file)
  }
  return out
}

async function entriesOf(file: ImportSource, signal: AbortSignal | undefined): Promise<ImportSource[]> {
  if (file.sizeBytes > maxSetSizeBytes) throw tooLarge(file.sizeBytes)
  const bytes = await readWhole(file, signal)
  if (!zipMagics.includes(String.fromCharCode(...bytes.subarray(0, 4)))) return [file]
  let sizeBytes = 0
  let entries = 0
  let isDocument = false
  let held: Record<string, Uint8Array>
  try {
    held = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (documentParts.test(name)) isDocument = true
        if (isDocument || name.endsWith('/') || isLitter(`${file.name}/${name}`)) return false
        sizeBytes += originalSize
        if (sizeBytes > maxSetSizeBytes) throw tooLarge(sizeBytes)
        if (++entries > mostEntries) throw tooMany(file.name)
        return true
      },
    })
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    throw new DataError(`${file.name}: the archive is damaged (${String(cause)}); nothing was stored`, {
      code: 'broken-archive',
      remedy: 'Take another copy of it, or unpack it and drop the folder.',
      details: { file: file.name },
      cause,
    })
  }
  if (isDocument) return [file]
  const stem = file.name.replace(/\.zip$/i, '')
  return Object.entries(held).map(([path, content]) => ({
    ...memorySource(shownName(path.split('/').at(-1)!), content, content.length || 1),
    path: `${stem}/${path}`,
  }))
}

function tooMany(name: string): DataError {
  return new DataError(`${name}: an archive must hold at most ${mostEntries} files; nothing was stored`, {
    code: 'too-large',
    remedy: 'Pack a part of it.',
    details: { file: name },
  })
}
