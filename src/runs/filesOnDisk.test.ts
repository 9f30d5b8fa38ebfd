import { expect, it } from 'vitest'
import { filesOnDisk } from './filesOnDisk.ts'

function file(name: string, text: string | null, answer?: PermissionState): FileSystemHandle {
  return {
    kind: 'file',
    name,
    getFile: async () => {
      if (text === null) throw new DOMException('gone', 'NotFoundError')
      return new File([text], name)
    },
    ...(answer && { requestPermission: async () => answer }),
  } as unknown as FileSystemHandle
}

function folder(name: string, ...inside: FileSystemHandle[]): FileSystemHandle {
  const values = async function* () {
    yield* inside
  }
  return { kind: 'directory', name, values } as unknown as FileSystemHandle
}

it('gives files as they are now, folders walked to their ends, each with what it was dropped as', async () => {
  const set = folder('set', file('a.txt', 'A'), folder('inner', file('b.txt', 'B')))
  const single = file('c.txt', 'C', 'granted')
  const found = await filesOnDisk([set, single])
  expect(await Promise.all(found.map(async ({ file, path }) => [path, await file.text()]))).toEqual([
    ['set/a.txt', 'A'],
    ['set/inner/b.txt', 'B'],
    ['c.txt', 'C'],
  ])
  expect(found.map(({ handle }) => handle)).toEqual([set, set, single])
})

it('says which file may not be read, and which is gone', async () => {
  await expect(filesOnDisk([file('a.txt', 'A', 'denied')])).rejects.toMatchObject({
    code: 'file-not-allowed',
  })
  await expect(filesOnDisk([folder('set', file('a.txt', null))])).rejects.toMatchObject({
    code: 'file-gone',
    message: expect.stringContaining('set: ') as unknown,
  })
})
