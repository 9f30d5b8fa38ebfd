import type { BunsenDatabase } from './databaseSchema.ts'

/** Where a fault strikes: the `count`th write (from 1) into a store, at the request or when its transaction commits. */
export interface Fault {
  store: string
  count: number
  at: 'request' | 'commit'
  /** As a `DOMException.name`. */
  error: string
}

interface Transaction {
  done: Promise<void>
  abort(): void
}

/**
 * A database that fails as a full disk does, for tests: the transaction that holds the chosen write is aborted as a
 * whole and reports the error, everything before and after works.
 */
export function faultyDatabase(db: BunsenDatabase, fault: Fault): BunsenDatabase {
  let writes = 0
  const failure = () => new DOMException(`injected into ${fault.store}`, fault.error)

  return withMethod(db, 'transaction', (begin) => (...args) => {
    const tx = begin(...args) as Transaction
    let isDoomed = false

    const put =
      (original: AnyFunction) =>
      (...values: unknown[]) => {
        if (++writes !== fault.count) return original(...values)
        if (fault.at === 'commit') {
          isDoomed = true
          return original(...values)
        }
        tx.abort()
        return Promise.reject(failure())
      }
    const commit = async () => {
      if (isDoomed) tx.abort()
      await tx.done.catch((error: unknown) => {
        throw isDoomed ? failure() : error
      })
    }
    const wrapped = withMethod(tx, 'objectStore', (open) => (name) => {
      const store = open(name) as object
      return name === fault.store ? withMethod(store, 'put', put) : store
    })
    return new Proxy(wrapped, {
      get: (target, key) => (key === 'done' ? commit() : (Reflect.get(target, key) as unknown)),
    })
  })
}

type AnyFunction = (...args: unknown[]) => unknown

/** `target` with one method replaced; the others keep their own `this`. */
function withMethod<T extends object>(
  target: T,
  method: string,
  replace: (original: AnyFunction) => AnyFunction,
): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object)
      if (typeof value !== 'function') return value
      const original: AnyFunction = (...args) => Reflect.apply(value, object, args) as unknown
      return key === method ? replace(original) : original
    },
  })
}
