import { transfer, wrap, type Remote } from 'comlink'
import { BunsenError, fromPlainError, isPlainError } from '../core/errors.ts'

interface Bootable<B> {
  boot(options: { events: MessagePort } & B): Promise<unknown>
  holdLifeLock(name: string): Promise<void>
}

const runsAreKept = 'Stored runs and checkpoints are kept; continue the run from its last checkpoint.'

/**
 * One worker, made anew when it has died. comlink never settles a call whose worker is gone, so every call is raced
 * against the worker's death; death is seen as the release of a lock that the worker holds.
 */
export class WorkerHandle<Api extends object, B extends object, E> {
  #create: () => Worker
  #bootOptions: B
  readonly #remedy: string
  #listeners: ((events: E[]) => void)[] = []
  #live: {
    worker: Worker
    remote: Remote<Api & Bootable<B>>
    died: Promise<never>
    booted: Promise<unknown>
    end(error: BunsenError): void
  } | null = null
  #count = 0

  /** @param remedy what to do when it has died */
  constructor(create: () => Worker, bootOptions: B, remedy = runsAreKept) {
    this.#create = create
    this.#bootOptions = bootOptions
    this.#remedy = remedy
  }

  onEvents(listener: (events: E[]) => void): void {
    this.#listeners.push(listener)
  }

  /** What `boot` answered; boots when needed. */
  booted<T>(): Promise<T> {
    const live = this.#ensure()
    return Promise.race([live.booted as Promise<T>, live.died])
  }

  /** Calls a method. Rejects with the worker's own error, or with `worker-died`. */
  async call<T>(method: keyof Api & string, args: unknown[]): Promise<T> {
    const live = this.#ensure()
    try {
      await Promise.race([live.booted, live.died])
      const remote = live.remote as unknown as Record<string, (...args: unknown[]) => Promise<T>>
      return await Promise.race([remote[method]!(...args), live.died])
    } catch (error) {
      throw isPlainError(error) ? fromPlainError(error) : error
    }
  }

  /** Ends the worker; calls that wait for it reject with `cancelled`. */
  cancel(): void {
    this.#live?.end(new BunsenError('Cancelled', { code: 'cancelled' }))
  }

  #ensure() {
    if (this.#live) return this.#live
    const worker = this.#create()
    const remote = wrap<Api & Bootable<B>>(worker)
    // comlink's type of a generic API cannot be resolved here; these two are there whatever the API is.
    const calls = remote as unknown as Bootable<B>
    const channel = new MessageChannel()
    channel.port1.onmessage = ({ data }: MessageEvent<E[]>) =>
      this.#listeners.forEach((listener) => listener(data))
    const { promise: died, reject } = withRejection()
    const end = (error: BunsenError) => {
      if (this.#live?.worker === worker) this.#live = null
      worker.terminate()
      // What it said last may still be on its way, and would be taken for its successor's.
      channel.port1.close()
      reject(error)
    }
    const fail = (why: string) =>
      end(new BunsenError(`A worker stopped working: ${why}`, { code: 'worker-died', remedy: this.#remedy }))
    worker.onerror = (event) => fail(event.message || 'it could not be loaded')
    const lock = `bunsen-worker-${crypto.randomUUID?.() ?? `${performance.now()}-${++this.#count}`}`
    void calls.holdLifeLock(lock).then(() => {
      if ('locks' in navigator) void navigator.locks.request(lock, () => fail('the browser ended it'))
    })
    died.catch(() => {})
    const booted = calls.boot(transfer({ ...this.#bootOptions, events: channel.port2 }, [channel.port2]))
    booted.catch(() => {})
    this.#live = { worker, remote, died, booted, end }
    return this.#live
  }
}

function withRejection(): { promise: Promise<never>; reject: (error: BunsenError) => void } {
  let reject!: (error: BunsenError) => void
  const promise = new Promise<never>((_, refuse) => (reject = refuse))
  return { promise, reject }
}
