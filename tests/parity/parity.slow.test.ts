import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createDevice, type EngineDevice } from '../../src/engine/backend/createDevice.ts'
import { describeOnDevices } from '../helpers/gpu.ts'
import { nodeGoldenSource } from './nodeGoldenSource.ts'
import { verifyFiles, type CaseResult } from './verify.ts'

const ownFolder = fileURLToPath(new URL('../fixtures/goldens/', import.meta.url))
const sharedFolder = fileURLToPath(new URL('../../../shared/goldens/', import.meta.url))
const ownFiles = readdirSync(ownFolder).filter((name) => name.endsWith('.json'))

/** Of the larger set, files of the kinds that are mapped whole, which of those of metrics some are. */
const sharedFiles = existsSync(sharedFolder) ? mappedFiles(sharedFolder) : []

function mappedFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const isMapped = (name: string) =>
    !name.startsWith('metrics') || /\b(classification|perplexity|regression)\.json$/.test(name)
  return names.filter((name) => name.endsWith('.json') && isMapped(name)).sort()
}

const sharedNames = sharedFiles.map((name) => basename(name))
/** On the CPU is enough where the larger set tries the kind on every device. */
const coveredFiles = ownFiles.filter((name) => sharedNames.includes(name))

async function expectEqual(path: string, openDevice: () => Promise<EngineDevice>): Promise<void> {
  const bad: CaseResult[] = []
  const summary = await verifyFiles([nodeGoldenSource(path)], {
    openDevice,
    onCase: (result) => result.status !== 'ok' && bad.push(result),
    onUnreadable(_source, error) {
      throw error
    },
  })
  expect(bad).toEqual([])
  expect(summary.passed).toBeGreaterThan(0)
}

it.each(coveredFiles)('equals torch on the CPU in all cases of %s', (name) =>
  expectEqual(ownFolder + name, () => createDevice({ backend: 'cpu', gpu: null })),
)

await describeOnDevices('parity', (device) => {
  const open = () => Promise.resolve({ ...device(), dispose() {} })
  const others = ownFiles.filter((name) => !coveredFiles.includes(name))
  it.each(others)('equals torch in all cases of %s', (name) => expectEqual(ownFolder + name, open))

  if (sharedFiles.length > 0) {
    it.each(sharedFiles)('equals the reference in all cases of goldens/%s', { timeout: 120_000 }, (name) =>
      expectEqual(sharedFolder + name, open),
    )
  } else {
    describe.skip('goldens: ../shared/goldens is not there', () => {
      it('equals the reference in all cases', () => {})
    })
  }
})
