import type { Prepared } from '../core/prepared.ts'
import { unpackPrepared } from '../core/preparedValue.ts'
import { decodeStepValue } from '../core/stepValue.ts'
import type { BunsenDatabase } from './databaseSchema.ts'
import { createStepStore } from './stepStore.ts'

/** Where prepared arrays are. */
export interface PreparedAt {
  /** Key of the last step of the preparation. */
  readonly preparedKey: string
  /** The arrays themselves, as a step's value, where they could not be stored. */
  readonly preparedBytes: Uint8Array | null
}

/** null where they must be made. */
export async function loadPrepared(
  db: BunsenDatabase,
  { preparedKey: key, preparedBytes }: PreparedAt,
): Promise<Prepared | null> {
  if (preparedBytes !== null) return { key, ...unpackPrepared(decodeStepValue(preparedBytes)) }
  const store = createStepStore(db)
  const stored = await store.get(key)
  if (stored === null) return null
  try {
    return { key, ...unpackPrepared(decodeStepValue(stored.bytes)) }
  } catch {
    await store.discard(key)
    return null
  }
}
