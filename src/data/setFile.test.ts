import { expect, it } from 'vitest'
import { readFiles } from '../../tests/helpers/importedFiles.ts'
import { sha256Hex } from '../core/sha256.ts'
import { soundFiles } from '../../tests/fixtures/data/writers.ts'
import { blobSource, memorySource } from './reading/source.ts'
import { setFile } from './setFile.ts'

function piecesOf(bytes: Uint8Array) {
  return async function* () {
    for (let at = 0; at < bytes.length; at += 100) yield bytes.slice(at, at + 100)
  }
}

it.each(Object.keys(soundFiles))('is read again as the same set: %s', async (format) => {
  const { name, bytes } = soundFiles[format]!()
  const { content, summary } = await readFiles([memorySource(name, bytes)])
  const file = await setFile({
    name: 'My set',
    kind: summary.kind,
    sha256: summary.sha256,
    bytes: piecesOf(content),
  })
  const again = await readFiles([blobSource(file, file.name)])
  expect([again.summary.kind, again.summary.sha256]).toEqual([summary.kind, summary.sha256])
})

it('has a name that every system can have', async () => {
  const bytes = new TextEncoder().encode('some text')
  const set = { kind: 'text' as const, sha256: sha256Hex(bytes), bytes: piecesOf(bytes) }
  const nameOf = async (name: string) => (await setFile({ ...set, name })).name
  expect(await nameOf('a/b\\c:d\n')).toBe('a-b-c-d-.txt')
  expect(await nameOf('Notes.TXT')).toBe('Notes.TXT')
  expect(await nameOf('  ')).toBe('data.txt')
  expect(await nameOf('é'.repeat(300))).toBe(`${'é'.repeat(100)}.txt`)
})

it('is not made of bytes that are not those of the set', async () => {
  const bytes = new TextEncoder().encode('damaged')
  const set = {
    name: 'x',
    kind: 'text' as const,
    sha256: sha256Hex(new Uint8Array(1)),
    bytes: piecesOf(bytes),
  }
  await expect(setFile(set)).rejects.toMatchObject({ code: 'content-corrupt' })
})
