/** What is read once for all who ask for it meanwhile. */
interface Reading {
  readonly key: string
  readonly abort: AbortController
  readonly pieces: Uint8Array[]
  /** Of those who are at it. */
  readers: number
  isDone: boolean
  failure: { readonly error: unknown } | null
  /** Settles when there is more, or no more. */
  changed: Promise<void>
  tell(): void
}

/**
 * One reading of each content, however many ask for it: all who come while it goes on, and after it until another content is
 * read, are given the same pieces from the first on, which none of them may change. A reading that everyone has left is
 * aborted, and one that failed is begun anew by the next who asks.
 *
 * A page asks four times at once for the set that it opens with: to show it, to augment it, to prepare it and to measure it.
 * That were four downloads, and in Chromium, whose cache makes them wait for each other, now and then one that never ended.
 */
export function createSharedReading(): (
  key: string,
  read: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
) => AsyncGenerator<Uint8Array, void, void> {
  const readings = new Map<string, Reading>()
  return async function* (key, read) {
    const reading = readings.get(key) ?? begin(key)
    if (!readings.has(key)) {
      for (const other of readings.values()) if (other.isDone) readings.delete(other.key)
      readings.set(key, reading)
      void run(reading, read)
    }
    reading.readers++
    try {
      for (let next = 0; ;) {
        if (next < reading.pieces.length) yield reading.pieces[next++]!
        else if (reading.failure !== null) throw reading.failure.error
        else if (reading.isDone) return
        else await reading.changed
      }
    } finally {
      reading.readers--
      if (reading.readers === 0 && !reading.isDone) {
        forget(reading)
        reading.abort.abort()
      }
    }
  }

  function forget(reading: Reading): void {
    if (readings.get(reading.key) === reading) readings.delete(reading.key)
  }

  async function run(
    reading: Reading,
    read: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    try {
      for await (const piece of read(reading.abort.signal)) {
        reading.pieces.push(piece)
        reading.tell()
      }
      reading.isDone = true
    } catch (error) {
      reading.failure = { error }
      forget(reading)
    }
    reading.tell()
  }
}

function begin(key: string): Reading {
  let wake = () => {}
  const promise = () => new Promise<void>((resolve) => (wake = resolve))
  const reading: Reading = {
    key,
    abort: new AbortController(),
    pieces: [],
    readers: 0,
    isDone: false,
    failure: null,
    changed: promise(),
    tell() {
      const told = wake
      reading.changed = promise()
      told()
    },
  }
  return reading
}
