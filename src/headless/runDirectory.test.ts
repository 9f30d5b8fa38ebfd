import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { StorageError } from '../core/errors.ts'
import { openRunDirectory, readCheckpointFile, refuseOtherRun } from './runDirectory.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bunsen-run-'))
})

it('makes the folder with its parents and replaces files as wholes', () => {
  const directory = openRunDirectory(join(folder, 'a', 'b'))
  directory.write('run.json', 'first')
  directory.write('run.json', 'second')
  expect(readFileSync(join(folder, 'a', 'b', 'run.json'), 'utf8')).toBe('second')
  expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['run.json'])
})

it('refuses a folder that cannot be made, before anything is trained', () => {
  writeFileSync(join(folder, 'file'), '')
  const open = () => openRunDirectory(join(folder, 'file', 'run'))
  expect(open).toThrow(StorageError)
  expect(open).toThrow(expect.objectContaining({ code: 'folder-unwritable' }))
})

it.runIf(process.platform === 'linux')(
  'refuses a file system without folders instead of trying for ever',
  () => {
    expect(() => openRunDirectory('/proc/bunsen-run')).toThrow(StorageError)
  },
)

it('says which file could not be written and leaves nothing half there', () => {
  const directory = openRunDirectory(folder)
  const write = () => directory.write('missing/latest.safetensors', 'x')
  expect(write).toThrow(expect.objectContaining({ code: 'file-unwritable' }))
  expect(readdirSync(folder)).toEqual([])
})

it('refuses to write over the checkpoints of another run, and knows its own', () => {
  const directory = openRunDirectory(join(folder, 'run'))
  const file = join(directory.path, 'latest.safetensors')
  expect(() => refuseOtherRun(directory.path, null)).not.toThrow()
  directory.write('latest.safetensors', 'weights')
  for (const from of [directory.path, file]) expect(() => refuseOtherRun(directory.path, from)).not.toThrow()
  for (const from of [null, folder, join(folder, 'nowhere')])
    expect(() => refuseOtherRun(directory.path, from)).toThrow(
      expect.objectContaining({ code: 'folder-holds-run' }),
    )
})

it.runIf(process.platform !== 'win32')('reads no device that never ends', () => {
  for (const path of ['/dev/zero', folder])
    expect(() => readCheckpointFile(path)).toThrow(expect.objectContaining({ code: 'checkpoint-missing' }))
})
