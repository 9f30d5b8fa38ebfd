import type { TrainHost } from './runContext.ts'
import type { PendingReadings, StepReadings, StepRequest } from './trainSession.ts'

export interface Reading {
  request: StepRequest
  values: Record<string, number>
  /** Of each tower, where they are balanced. */
  towerNorms: readonly number[] | null
  /** Share of the time since the last reading. */
  elapsedMs: number
}

/**
 * A transfer has its price, so several updates are read at once; but never so late that the page looks dead, and never so
 * many wait for the device that a pause would take longer than twice this.
 */
const readEveryMs = 120
/** Twice as many fit in the ring: those under way, and those submitted meanwhile. */
const mostPending = 32

interface Entry {
  readonly readings: PendingReadings
  readonly request: StepRequest
}

/** Readings on their way from the device. */
interface Transfer {
  readonly entries: readonly Entry[]
  readonly values: Promise<StepReadings[]>
  /** On the host's clock; null while it is on its way. */
  hereAt: number | null
}

/**
 * Holds submitted updates and reads their losses back in bunches, while the device goes on with the next updates: waiting
 * for the newest one would leave it idle. Timing decides when, never what.
 */
export class ReadBack {
  #host: TrainHost
  #throughput: { readonly name: string; readonly perStep: number }
  #pending: Entry[] = []
  #transfer: Transfer | null = null
  #since: number
  #lastRead: number
  /** Updates that are read together: as many as the device computes in the time; one while nobody knows. */
  #together = 1

  /** @param throughput what an update goes through, and the name of its speed */
  constructor(host: TrainHost, throughput: { readonly name: string; readonly perStep: number }) {
    this.#host = host
    this.#throughput = throughput
    this.#since = host.now()
    this.#lastRead = this.#since
  }

  push(readings: PendingReadings, request: StepRequest): void {
    this.#pending.push({ readings, request })
  }

  /** Leaves out of the speeds what happened between: evaluations, checkpoints, pauses. */
  restartClock(): void {
    this.#since = this.#host.now()
    this.#lastRead = this.#since
  }

  /** Time that was not training: a pause, or the page's handling of events. */
  leaveOut(elapsedMs: number): void {
    this.#since += elapsedMs
    this.#lastRead += elapsedMs
  }

  /**
   * Readings that have come, oldest first; those of all updates when `isForced`. Waits only for what was asked for before
   * the last update, so that the device always has one to work at.
   */
  async take(isForced: boolean): Promise<Reading[]> {
    const isDue =
      isForced || this.#pending.length >= this.#together || this.#host.now() - this.#lastRead >= readEveryMs
    const found = isDue || (this.#transfer?.hereAt ?? null) !== null ? await this.#arrived() : []
    if (!isDue) return found
    this.#lastRead = this.#host.now()
    this.#begin()
    return isForced ? [...found, ...(await this.#arrived())] : found
  }

  #begin(): void {
    if (this.#pending.length === 0) return
    const entries = this.#pending
    this.#pending = []
    const values = Promise.all(entries.map(({ readings }) => readings.read()))
    const transfer: Transfer = { entries, values, hereAt: null }
    const arrive = (): void => void (transfer.hereAt = this.#host.now())
    // A failure is thrown by who waits for them.
    values.then(arrive, arrive)
    this.#transfer = transfer
  }

  async #arrived(): Promise<Reading[]> {
    if (this.#transfer === null) return []
    const transfer = this.#transfer
    const { entries, values } = transfer
    this.#transfer = null
    const readings = await values
    const hereAt = transfer.hereAt ?? this.#host.now()
    const elapsedMs = Math.max(hereAt - this.#since, 0) / entries.length
    this.#since = Math.max(hereAt, this.#since)
    if (elapsedMs > 0)
      this.#together = Math.min(Math.max(Math.floor(readEveryMs / elapsedMs), 1), mostPending)
    return readings.map((reading, i) => ({
      request: entries[i]!.request,
      elapsedMs,
      towerNorms: reading.towerNorms ?? null,
      values: {
        'train/loss': reading.loss,
        ...Object.fromEntries(Object.entries(reading.parts).map(([name, value]) => [`train/${name}`, value])),
        learningRate: entries[i]!.request.learningRate,
        gradNorm: reading.gradNorm,
        // Unknown where the clock was set anew while they were on their way.
        ...(elapsedMs > 0 && {
          stepsPerSecond: 1000 / elapsedMs,
          [this.#throughput.name]: (this.#throughput.perStep * 1000) / elapsedMs,
        }),
      },
    }))
  }
}
