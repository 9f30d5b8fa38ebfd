import type { JsonValue } from '../src/storage/checkpoint.ts'
import type { Connection } from '../src/storage/connection.ts'
import { readSetting, writeSetting } from '../src/storage/settingsStore.ts'
import { isVerdict, lasting, type KernelVerdict } from '../src/engine/selfTest/verdicts.ts'
import type { DeviceInfo } from '../src/engine/training/types.ts'

/** Verdicts of a self-test hold for one adapter, as one browser drives it, and for one version of the kernels. */
export interface VerdictOwner {
  readonly info: DeviceInfo
  readonly codeVersion: string
  readonly userAgent: string
}

/** One place for each adapter, so that another version's verdicts are written over. */
function keyOf({ info }: VerdictOwner): string {
  return ['self-test', info.vendor, info.architecture, info.device, info.description, info.name].join('/')
}

/** Those kept for this owner; none where storage fails: then the kernels are tested again. */
export async function readVerdicts(storage: Connection, owner: VerdictOwner): Promise<KernelVerdict[]> {
  const kept = await storage.use((db) => readSetting(db, keyOf(owner))).catch(() => null)
  if (typeof kept !== 'object' || kept === null) return []
  const { codeVersion, userAgent, features, verdicts } = kept as Record<string, unknown>
  const isSame =
    codeVersion === owner.codeVersion &&
    userAgent === owner.userAgent &&
    features === owner.info.features.join()
  return isSame && Array.isArray(verdicts) ? verdicts.filter(isVerdict) : []
}

export async function keepVerdicts(
  storage: Connection,
  owner: VerdictOwner,
  verdicts: readonly KernelVerdict[],
): Promise<void> {
  const { codeVersion, userAgent, info } = owner
  const plain = lasting(verdicts).map((verdict): JsonValue => ({ ...verdict }))
  const kept = { codeVersion, userAgent, features: info.features.join(), verdicts: plain }
  await storage.use((db) => writeSetting(db, keyOf(owner), kept))
}
