import type { TrainHost } from './runContext.ts'
import type { PendingReadings, StepRequest } from './trainSession.ts'

export interface Reading {
  request: StepRequest
  values: Record<string, number>
  /** Of each tower, where they are balanced. */
  towerNorms: readonly number[] | null
  /** Share of the time since the last reading. */
  elapsedMs: number
}

/** A wait for the GPU costs a stall, so several updates are read at once; but never so late that the page looks dead. */
const readEveryMs = 120
const mostPending = 32

/** Holds submitted updates and reads their losses back in bunches. Timing decides when, never what. */
export class ReadBack {
  #host: TrainHost
  #throughput: { readonly name: string; readonly perStep: number }
  #pending: { readings: PendingReadings; request: StepRequest }[] = []
  #since: number
  #lastRead: number

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

  /** Readings that are due, oldest first; all of them when `isForced`. */
  async take(isForced: boolean): Promise<Reading[]> {
    const isDue =
      isForced || this.#pending.length >= mostPending || this.#host.now() - this.#lastRead >= readEveryMs
    if (!isDue || this.#pending.length === 0) return []
    const pending = this.#pending
    this.#pending = []
    const readings = await Promise.all(pending.map((entry) => entry.readings.read()))
    const now = this.#host.now()
    const elapsedMs = Math.max(now - this.#since, 1e-3) / pending.length
    this.#since = now
    this.#lastRead = now
    return readings.map((reading, i) => ({
      request: pending[i]!.request,
      elapsedMs,
      towerNorms: reading.towerNorms ?? null,
      values: {
        'train/loss': reading.loss,
        ...Object.fromEntries(Object.entries(reading.parts).map(([name, value]) => [`train/${name}`, value])),
        learningRate: pending[i]!.request.learningRate,
        gradNorm: reading.gradNorm,
        stepsPerSecond: 1000 / elapsedMs,
        [this.#throughput.name]: (this.#throughput.perStep * 1000) / elapsedMs,
      },
    }))
  }
}
