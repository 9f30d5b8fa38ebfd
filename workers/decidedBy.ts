import { canonicalJson } from '../src/core/canonicalJson.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import { writeSafetensors } from '../src/core/safetensors/write.ts'
import { sha256Hex } from '../src/core/sha256.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { replacedKernels } from '../src/engine/selfTest/verdicts.ts'
import { digestHex } from '../src/storage/digest.ts'
import type { RunStart } from './checkpointOfRun.ts'

/** What a checkpoint is asked about, and by what code and device. */
export interface AskedCheckpoint {
  /** Of the checkpoint. */
  readonly config: RunConfig
  readonly start: RunStart
  readonly device: EngineDevice
  readonly codeVersion: string
}

/** What decides, beside the data, what a checkpoint makes of them. */
export interface Decided {
  /** Settings without what decides nothing, and the version of the code: all of the engine decides the last digit. */
  readonly settings: RunConfig & { readonly code: string }
  /** SHA-256 of the weights, and of what losses and averages keep; not of what the optimizer does. */
  readonly weights: string
  /** SHA-256 of the device and of the kernels that are not used there. */
  readonly device: string
}

export async function decidedBy({ config, start, device, codeVersion }: AskedCheckpoint): Promise<Decided> {
  const kept = [...(start.tensors ?? [])].filter(([name]) => !name.startsWith('optimizer.'))
  const { backend, name, vendor, architecture, device: model, description } = device.info
  const adapter = { backend, name, vendor, architecture, model, description, replaced: replacedKernels() }
  return {
    settings: {
      ...config,
      // What a run and its data are called, and how it is measured as it goes on.
      name: '',
      data: { ...config.data, source: { kind: 'bundled', id: '' } },
      evaluation: { ...config.evaluation, batches: 1 },
      code: codeVersion,
    },
    weights: await digestHex(writeSafetensors(new Map(kept), {})),
    device: sha256Hex(new TextEncoder().encode(canonicalJson(adapter))),
  }
}
