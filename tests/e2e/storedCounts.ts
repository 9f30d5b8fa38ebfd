import type { Page } from 'playwright'

interface StoredCounts {
  datasets: number
  /** Pieces of all contents, of those that are being written, and of those that nothing points to. */
  pieces: number
  stagedPieces: number
  lostPieces: number
}

interface Pointing {
  contentId?: string
  content?: { contentId: string } | null
}

/** What lies in the database, as any program could count it. */
export async function storedCounts(page: Page): Promise<StoredCounts> {
  return page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
      })
    const db = await settled(indexedDB.open('bunsen'))
    const stores = [...db.objectStoreNames].filter((name) => name !== 'blobs')
    // One transaction, so that all of it is of one moment.
    const tx = db.transaction([...stores, 'blobs'])
    const [keys, ...records] = await Promise.all([
      settled(tx.objectStore('blobs').getAllKeys()),
      ...stores.map((name) => settled<unknown[]>(tx.objectStore(name).getAll())),
    ])
    db.close()
    const contentsOf = (isOf: (name: string) => boolean) => {
      const found = stores.flatMap((name, i) => (isOf(name) ? (records[i] ?? []) : []))
      // Of steps it lies one level deeper.
      return new Set((found as Pointing[]).map((record) => record.contentId ?? record.content?.contentId))
    }
    const staged = contentsOf((name) => name === 'staging')
    const kept = contentsOf((name) => name !== 'staging')
    const ids = (keys as [string, number][]).map(([id]) => id)
    return {
      datasets: records[stores.indexOf('datasets')]!.length,
      pieces: ids.length,
      stagedPieces: ids.filter((id) => staged.has(id)).length,
      lostPieces: ids.filter((id) => !staged.has(id) && !kept.has(id)).length,
    }
  })
}
