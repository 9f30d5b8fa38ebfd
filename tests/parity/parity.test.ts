import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { EngineDevice } from '../../src/engine/backend/createDevice.ts'
import { describeOnDevices } from '../helpers/gpu.ts'
import { nodeGoldenSource } from './nodeGoldenSource.ts'
import { verifyFiles, type CaseResult, type Summary } from './verify.ts'

const ownFolder = fileURLToPath(new URL('../fixtures/goldens/', import.meta.url))
const sharedFolder = fileURLToPath(new URL('../../../shared/goldens/', import.meta.url))
const ownFiles = readdirSync(ownFolder).filter((name) => name.endsWith('.json'))

/** Of the larger set, files of the kinds that are mapped: its metrics are held to it elsewhere. */
const sharedFiles = existsSync(sharedFolder) ? mappedFiles(sharedFolder) : []

function mappedFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.json') && !name.startsWith('metrics')).sort()
}

async function verify(path: string, device: EngineDevice): Promise<{ summary: Summary; bad: CaseResult[] }> {
  const bad: CaseResult[] = []
  const summary = await verifyFiles([nodeGoldenSource(path)], {
    openDevice: () => Promise.resolve({ ...device, dispose() {} }),
    onCase: (result) => result.status !== 'ok' && bad.push(result),
    onUnreadable(_source, error) {
      throw error
    },
  })
  return { summary, bad }
}

await describeOnDevices('parity', (device) => {
  it.each(ownFiles)('equals torch in all cases of %s', async (name) => {
    const { summary, bad } = await verify(ownFolder + name, device())
    expect(bad).toEqual([])
    expect(summary.passed).toBeGreaterThan(0)
  })

  if (sharedFiles.length > 0) {
    it.each(sharedFiles)(
      'equals the reference in all cases of goldens/%s',
      { timeout: 120_000 },
      async (name) => {
        const { summary, bad } = await verify(sharedFolder + name, device())
        expect(bad).toEqual([])
        expect(summary.passed).toBeGreaterThan(0)
      },
    )
  } else {
    describe.skip('goldens: ../shared/goldens is not there', () => {
      it('equals the reference in all cases', () => {})
    })
  }
})
