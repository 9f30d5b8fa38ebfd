import { toPlainError } from '../../core/errors.ts'
import { createDevice } from '../../engine/backend/createDevice.ts'
import type { DeviceInfo } from '../../engine/training/types.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes, type CommandIo } from '../command.ts'
import { exitCodeOf } from '../exitCode.ts'
import { loadGpu } from '../gpu.ts'
import { readVersions } from '../versions.ts'

/** What a run here would run on, for bug reports and to see why WebGPU is not there. */
export default defineCommand({
  name: 'env',
  summary: 'prints adapter, features, limits and versions as JSON',
  usage: [
    'env [--backend webgpu|cpu]',
    'Exit code 3 where there is no adapter; the JSON then holds "problem".',
  ],
  async run(args, io) {
    const { flags } = parseCommandLine(args, {
      flags: { backend: { type: 'choice', options: ['webgpu', 'cpu'] } },
    })
    const versions = readVersions()
    try {
      const adapter = await describeDevice(flags.backend ?? 'webgpu')
      return print(io, { adapter, problem: null, versions }, exitCodes.done)
    } catch (error) {
      return print(io, { adapter: null, problem: toPlainError(error), versions }, exitCodeOf(error))
    }
  },
})

async function describeDevice(backend: 'webgpu' | 'cpu'): Promise<DeviceInfo> {
  const device = await createDevice({ backend, gpu: backend === 'webgpu' ? await loadGpu() : null })
  try {
    return device.info
  } finally {
    device.dispose()
  }
}

function print(io: CommandIo, record: Record<string, unknown>, code: number): number {
  io.print(JSON.stringify(record, null, 2))
  return code
}
