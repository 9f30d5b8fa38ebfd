import { BunsenError } from '../core/errors.ts'
import { openDatabase, type BunsenDatabase, type OpenOptions } from './database.ts'

/** The database as whoever outlives a connection to it holds it: browsers end connections when they please. */
export interface Connection {
  /** Opened when first needed, and anew after a loss. */
  get(): Promise<BunsenDatabase>
  /**
   * Does `work`; where the connection turns out to be closed, once more on a new one. A closed connection has stored
   * nothing of the transaction it was in, so `work` may be any sequence of them that can be begun anew.
   */
  use<Result>(work: (db: BunsenDatabase) => Promise<Result>): Promise<Result>
}

/** `onLost` hears of each loss, before the database is opened again. */
export function createConnection(options: OpenOptions = {}): Connection {
  let opening: Promise<BunsenDatabase> | null = null
  const get = (): Promise<BunsenDatabase> => {
    if (opening) return opening
    const forget = () => {
      if (opening === mine) opening = null
    }
    const mine = openDatabase({
      ...options,
      onLost: (error) => {
        forget()
        options.onLost?.(error)
      },
    })
    opening = mine
    mine.catch(forget)
    return mine
  }
  return {
    get,
    async use(work) {
      const db = await get()
      try {
        return await work(db)
      } catch (error) {
        if (!(error instanceof BunsenError) || error.code !== 'storage-closed') throw error
        // Calls fail before the browser tells of the loss; a connection that lives still is not wanted twice.
        if (opening && (await opening) === db) opening = null
        db.close()
        return work(await get())
      }
    },
  }
}
