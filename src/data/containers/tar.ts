import { shownName } from '../../core/shownName.ts'
import { pathOf, randomAccess, streamOf, type ImportSource } from '../reading/source.ts'
import { defineContainer } from './defineContainer.ts'
import { checkContents } from './parts/checkContents.ts'
import { isLitter } from './parts/litter.ts'
import { isTarHeader, readTarEntries } from './parts/tarEntries.ts'
import { windowed } from './parts/windowed.ts'

/** Handed on at once. */
const pieceSizeBytes = 1 << 16

/**
 * Files one after another. Only their headers are read at once. One that is packed by gzip is unpacked to memory, and so can
 * be no larger than a set of images. Links, and files with holes, are left out and counted.
 */
export default defineContainer({
  id: 'tar',
  order: 5,
  title: 'tar',
  matches: isTarHeader,
  async open(file, { signal, notify }) {
    const access = await randomAccess(file, signal)
    const slice = windowed(access.slice, access.sizeBytes)
    const entries = await readTarEntries(file.name, { slice, sizeBytes: access.sizeBytes })
    const wanted = entries.filter(({ kind, path }) => kind !== 'folder' && !isLitter(`${file.name}/${path}`))
    const files = wanted.filter(({ kind }) => kind === 'file')
    checkContents(file.name, files)
    const others = wanted.filter(({ kind }) => kind === 'other')
    if (others.length > 0) {
      const first = shownName(others[0]!.path)
      const more = others.length > 1 ? ` and ${others.length - 1} more` : ''
      notify('warning', `${file.name}: left out, being links or no whole files: ${first}${more}.`)
    }
    const stem = pathOf(file).replace(/\.tar$/i, '')
    return files.map(({ path, offset, sizeBytes }): ImportSource => {
      const own = (begin: number, end: number) =>
        slice(offset + Math.min(begin, sizeBytes), offset + Math.min(end, sizeBytes))
      return {
        name: shownName(path.split('/').at(-1)!),
        path: `${stem}/${path}`,
        sizeBytes,
        slice: own,
        stream: () => streamOf(pieces(own, sizeBytes)),
      }
    })
  },
})

async function* pieces(
  read: (begin: number, end: number) => Promise<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < sizeBytes; at += pieceSizeBytes) yield (await read(at, at + pieceSizeBytes)).slice()
}
