import { describe, expect, it } from 'vitest'
import type { Lab } from '../../runs/lab.svelte.ts'
import { continueWarning } from './continuing.ts'
import type { RunRecord } from './records.ts'

const gpu = { backend: 'webgpu', name: 'Apple M1 Pro' }
const cpu = { backend: 'cpu', name: 'CPU (JavaScript)' }

/** Only what the decision hangs on. */
function warning(former: object | null, here: object, change: object = {}): string {
  const record = {
    status: 'stopped',
    step: 10,
    totalSteps: 20,
    device: former,
    config: { data: { source: { kind: 'bundled' }, tokenizer: { kind: 'characters' } } },
    ...change,
  }
  const lab = { trainer: {}, isTraining: false, device: here }
  const found = continueWarning(lab as unknown as Lab, record as unknown as RunRecord)
  return found === null ? '' : `${found.title} ${found.detail}`
}

describe('continuing elsewhere', () => {
  it('from a GPU on the CPU says both names, the rounding, the speed, and what to do', () => {
    expect(warning(gpu, cpu)).toMatch(/on Apple M1 Pro\..* on CPU \(JavaScript\).*round.*slow.*reload/i)
  })
  it('on another GPU, or on one after the CPU, speaks of the rounding alone', () => {
    for (const former of [{ backend: 'webgpu', name: 'SwiftShader (software)' }, cpu]) {
      expect(warning(former, gpu)).toMatch(/round otherwise/)
      expect(warning(former, gpu)).not.toMatch(/slow/)
    }
  })
  it('says nothing where nothing changes: the same device, none known, no step done, nothing to continue', () => {
    expect(warning(gpu, gpu)).toBe('')
    expect(warning(null, gpu)).toBe('')
    expect(warning(gpu, cpu, { step: 0 })).toBe('')
    expect(warning(gpu, cpu, { step: 20 })).toBe('')
  })
})
