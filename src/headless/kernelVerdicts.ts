import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonicalJson } from '../core/canonicalJson.ts'
import type { EngineDevice } from '../engine/backend/createDevice.ts'
import { selfTests } from '../engine/selfTest/registry.ts'
import { selfTest } from '../engine/selfTest/selfTest.ts'
import {
  applyVerdicts,
  isVerdict,
  lasting,
  wrongKernels,
  type KernelVerdict,
} from '../engine/selfTest/verdicts.ts'
import type { DeviceInfo } from '../engine/training/types.ts'
import { projectFolder } from './projectFolder.ts'
import { readVersions } from './versions.ts'

/** A kernel that has not answered by then will not. */
export const patienceMs = 30_000

/** Verdicts hold for one adapter, as one driver and one system offer it, and for one version of the kernels. */
function fileOf(info: DeviceInfo, folder: string): string {
  const { name, vendor, architecture, device, description, features } = info
  const { code, webgpu, system } = readVersions()
  const owner = [name, vendor, architecture, device, description, [...features], code!, webgpu!, system!]
  const hash = createHash('sha256').update(canonicalJson(owner)).digest('hex').slice(0, 16)
  return join(folder, '.cache', 'self-test', `${hash}.json`)
}

/** Those of an earlier call; none where the file is missing or damaged: then the kernels are tested again. */
export async function readVerdicts(info: DeviceInfo, folder = projectFolder()): Promise<KernelVerdict[]> {
  try {
    const kept: unknown = JSON.parse(await readFile(fileOf(info, folder), 'utf8'))
    return Array.isArray(kept) ? kept.filter(isVerdict) : []
  } catch {
    return []
  }
}

/** A folder that cannot be written is no reason not to compute. */
export async function keepVerdicts(
  info: DeviceInfo,
  verdicts: readonly KernelVerdict[],
  folder = projectFolder(),
): Promise<void> {
  const file = fileOf(info, folder)
  const fresh = `${file}.${process.pid}`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(fresh, `${JSON.stringify(lasting(verdicts), null, 2)}\n`)
    await rename(fresh, file)
  } catch {
    return
  }
}

/**
 * Before anything else is computed on a device: the kernels of an adapter that is new here are tested and those that are
 * wrong replaced by their twins. Software adapters, which our own tests run on and which compile for minutes, are tested
 * by the command `selftest` only; what that found holds, too.
 */
export async function settleVerdicts(
  device: EngineDevice,
  note: (line: string) => void,
  folder = projectFolder(),
): Promise<void> {
  const { info } = device
  if (info.backend === 'cpu') return
  let verdicts = await readVerdicts(info, folder)
  if (!info.isSoftware && verdicts.length < selfTests.all.length) {
    note(`First use of ${info.name}: testing its kernels`)
    const signal = new AbortController().signal
    verdicts = await selfTest({ device, known: verdicts, signal, patienceMs, onProgress: () => {} })
    await keepVerdicts(info, verdicts, folder)
  }
  applyVerdicts(verdicts)
  const wrong = wrongKernels(verdicts)
  if (wrong.length > 0)
    note(`Kernels that are wrong on ${info.name}, replaced by their twins: ${wrong.join(', ')}`)
}
