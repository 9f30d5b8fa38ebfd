import { withLossesOf } from '../core/certificate.ts'
import type { TrainEvent } from '../engine/training/types.ts'
import type { CommandIo } from './command.ts'

/**
 * Turns a run's events into lines: on standard output one JSON object a step (what was measured after the same step
 * is in the same object), on standard error a bar, or now and then a line where there is no terminal.
 */
export class RunReport {
  #io: CommandIo
  #totalSteps: number
  #held: Record<string, unknown> | null = null
  #step = 0
  #startedAt = performance.now()
  #startStep: number
  #drawnAt = -Infinity
  #loss = NaN
  /** Losses of the first updates of a run that begins. */
  firstLosses: readonly number[] = []

  constructor(io: CommandIo, totalSteps: number, startStep: number) {
    this.#io = io
    this.#totalSteps = totalSteps
    this.#startStep = startStep
  }

  take(event: TrainEvent): void {
    this.firstLosses = withLossesOf(this.firstLosses, [event], false)
    if (event.type === 'metrics') {
      if (this.#held?.['step'] !== event.step) this.flush()
      this.#held = { step: event.step, ...this.#held, ...event.values }
      this.#step = event.step
      this.#loss = event.values['train/loss'] ?? this.#loss
      this.#draw()
    } else if (event.type === 'sample') {
      this.flush()
      this.#io.print(JSON.stringify({ step: event.step, prompt: event.prompt, sample: event.text }))
    } else if (event.type === 'checkpoint') {
      this.flush()
      this.#io.print(JSON.stringify({ step: event.step, checkpoint: event.slot, sizeBytes: event.sizeBytes }))
    } else if (event.type === 'notice') {
      this.note(`${event.title}. ${event.detail}`)
      if (!event.batch) return
      const { step, of, places } = event.batch
      this.flush()
      this.#io.print(JSON.stringify({ step: event.step, notice: event.title, batch: { step, of, places } }))
    }
  }

  flush(): void {
    if (this.#held) this.#io.print(JSON.stringify(this.#held))
    this.#held = null
  }

  note(line: string): void {
    if (this.#io.isTerminal) this.#io.draw('\r\u001b[K')
    this.#io.note(line)
  }

  end(): void {
    this.flush()
    if (this.#io.isTerminal) this.#io.draw('\n')
  }

  #draw(): void {
    const now = performance.now()
    const isLast = this.#step >= this.#totalSteps
    if (!isLast && now - this.#drawnAt < (this.#io.isTerminal ? 100 : 10_000)) return
    this.#drawnAt = now
    const done = this.#step / this.#totalSteps
    const rate = (this.#step - this.#startStep) / Math.max(now - this.#startedAt, 1)
    const left = rate > 0 ? duration((this.#totalSteps - this.#step) / rate) : '?'
    const text = `step ${this.#step} / ${this.#totalSteps}  loss ${this.#loss.toFixed(4)}  ${left} left`
    if (!this.#io.isTerminal) {
      this.#io.note(text)
      return
    }
    const filled = Math.round(done * 24)
    this.#io.draw(`\r\u001b[K${'█'.repeat(filled)}${'░'.repeat(24 - filled)}  ${text}`)
  }
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}
