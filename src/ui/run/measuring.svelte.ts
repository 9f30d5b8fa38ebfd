import { toPlainError, type PlainError } from '../../core/errors.ts'
import { measuredParts, type StoredEvaluation } from '../../core/evaluation.ts'
import type { StepReport } from '../../core/steps.ts'
import type { Trainer } from '../../runs/trainer.svelte.ts'
import { metricName } from '../charts/metricNames.ts'

/** A checkpoint of a run, measured on both held-out parts or on another set. */
export class Measuring {
  isBusy = $state(false)
  error: PlainError | null = $state.raw(null)
  /** Part by part, as they are known. */
  found: readonly StoredEvaluation[] = $state.raw([])
  /** Of all steps, each as it was asked for first. */
  reports: readonly StepReport[] = $derived.by(() => {
    const all = this.found.flatMap(({ reports }) => reports)
    return all.filter(({ key }, i) => all.findIndex((other) => other.key === key) === i)
  })
  /** Metrics by name, in the order of the charts. */
  names = $derived(
    [...new Set(this.found.flatMap(({ evaluation }) => Object.keys(evaluation.values)))].sort(
      (a, b) => metricName(a).rank - metricName(b).rank,
    ),
  )

  async measure(
    trainer: Trainer,
    run: Parameters<Trainer['evaluate']>[0],
    slot: 'latest' | 'best',
    /** SHA-256 of another set that it is measured on. */
    other: string | null,
  ): Promise<void> {
    if (this.isBusy) return
    this.isBusy = true
    this.error = null
    this.found = []
    try {
      if (other === null)
        for (const part of measuredParts)
          this.found = [...this.found, await trainer.evaluate(run, slot, part)]
      else this.found = [await trainer.evaluateOther(run, slot, other)]
    } catch (caught) {
      this.error = toPlainError(caught)
    }
    this.isBusy = false
  }
}
