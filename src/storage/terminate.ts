import { forceCloseDatabase } from 'fake-indexeddb'
import { unwrap } from 'idb'
import type { BunsenDatabase } from './database.ts'

/** For tests: ends a connection as a browser does, without asking, told by a `close` event. */
export function terminate(db: BunsenDatabase): void {
  forceCloseDatabase(unwrap(db) as unknown as Parameters<typeof forceCloseDatabase>[0])
}
