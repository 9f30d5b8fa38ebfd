import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EngineDevice } from '../engine/backend/createDevice.ts'
import { selfTests } from '../engine/selfTest/registry.ts'
import type { KernelVerdict } from '../engine/selfTest/verdicts.ts'
import type { DeviceInfo } from '../engine/training/types.ts'
import { keepVerdicts, readVerdicts, settleVerdicts } from './kernelVerdicts.ts'

const info: DeviceInfo = {
  backend: 'webgpu',
  name: 'Some card',
  vendor: 'somebody',
  architecture: '',
  device: '',
  description: '',
  isSoftware: true,
  features: ['subgroups'],
  limits: {},
}
const right: KernelVerdict = {
  kernel: 'dropout',
  isRight: true,
  worstError: 0,
  problem: null,
  isTwinRight: null,
  elapsedMs: 20,
}
const wrong: KernelVerdict = {
  kernel: 'embedding',
  isRight: false,
  worstError: 0.5,
  problem: 'is off',
  isTwinRight: true,
  elapsedMs: 35,
}
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bunsen-verdicts-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function notesOf(device: DeviceInfo): Promise<string[]> {
  const notes: string[] = []
  await settleVerdicts({ info: device } as EngineDevice, (line) => notes.push(line), folder)
  return notes
}

it('knows the verdicts of an adapter again, and of no other', async () => {
  expect(await readVerdicts(info, folder)).toEqual([])
  // What was only late is tested anew.
  await keepVerdicts(info, [right, wrong, { ...wrong, kernel: 'late', isLate: true }], folder)
  expect(await readVerdicts(info, folder)).toEqual([right, wrong])
  expect(await readVerdicts({ ...info, features: [] }, folder)).toEqual([])
  expect(await readVerdicts({ ...info, name: 'Another' }, folder)).toEqual([])
})

it('takes a damaged file for none, and leaves out what is no verdict', async () => {
  await keepVerdicts(info, [right], folder)
  const kept = join(folder, '.cache', 'self-test')
  const [file] = await readdir(kept)
  await writeFile(join(kept, file!), `[{"kernel": 3}, ${JSON.stringify(wrong)}]`)
  expect(await readVerdicts(info, folder)).toEqual([wrong])
  for (const text of ['[{', '{}', '']) {
    await writeFile(join(kept, file!), text)
    expect(await readVerdicts(info, folder), text).toEqual([])
  }
})

it('names the kernels that it replaces, those that run on them too', async () => {
  const resting = selfTests.all.filter(({ restsOn }) => restsOn.includes('embedding')).map(({ id }) => id)
  expect(await notesOf(info)).toEqual([])
  await keepVerdicts(info, [right, wrong], folder)
  const [line, ...others] = await notesOf(info)
  expect(others).toEqual([])
  expect(line).toContain(`replaced by their twins: ${['embedding', ...resting].join(', ')}`)
})

it('tests an adapter of hardware on first use, says so, and leaves the CPU alone', async () => {
  // No backend of ours is current here, on which there is nothing to test.
  expect(await notesOf({ ...info, isSoftware: false })).toEqual([
    'First use of Some card: testing its kernels',
  ])
  expect(await notesOf({ ...info, backend: 'cpu' })).toEqual([])
})
