import { expose } from 'comlink'
import { toPlainError } from '../src/core/errors.ts'

type Api = Record<string, (...args: never[]) => Promise<unknown>>

/**
 * Offers an API to the page. comlink keeps only name, message and stack of an Error; plain values pass whole, so
 * every failure crosses as a `PlainError`. Holds a lock named `lock` for as long as the worker lives: the page waits
 * for it and so learns of the worker's death, of which browsers tell nothing.
 */
export function exposeApi<T extends object>(api: T): void {
  const guarded = Object.fromEntries(
    Object.entries(api as Api).map(([name, method]) => [
      name,
      async (...args: never[]) => {
        try {
          return await method(...args)
        } catch (error) {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- plain data is what crosses whole
          throw toPlainError(error)
        }
      },
    ]),
  )
  expose({
    ...guarded,
    holdLifeLock: (name: string) =>
      new Promise<void>((resolve) => {
        if (!('locks' in navigator)) return resolve()
        void navigator.locks.request(name, () => {
          resolve()
          return new Promise(() => {})
        })
      }),
  })
}

/** Sends events to the page in batches: what is queued within one turn goes in one message. */
export function createEventSink<T>(port: MessagePort): (event: T) => void {
  let queue: T[] = []
  return (event) => {
    queue.push(event)
    if (queue.length > 1) return
    queueMicrotask(() => {
      port.postMessage(queue)
      queue = []
    })
  }
}
