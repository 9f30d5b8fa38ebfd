import { lossSetting } from '../src/engine/training/liveEdits.ts'
import type { LiveControls, RunProgress } from '../src/engine/training/runContext.ts'
import { badLearningRate, badLossWeight } from './badEdit.ts'
import type { Control, Restart } from './protocol.ts'

type Edit = Extract<Control, { type: 'set-learning-rate' | 'set-loss-weight' }>

/** What was set by hand last: neither a lost device nor a dead worker must undo it. */
export class ByHand {
  #learningRate: number | null
  readonly #lossWeights: Map<number, number>
  readonly #controls: Required<LiveControls>

  constructor(restart: Restart | null, controls: Required<LiveControls>) {
    this.#learningRate = restart?.learningRate ?? null
    this.#lossWeights = new Map(restart?.lossWeights ?? [])
    this.#controls = controls
  }

  /** @throws ConfigError `invalid-learning-rate`, `invalid-loss-weight` */
  set(edit: Edit): void {
    const { type, value } = edit
    const isFit = Number.isFinite(value) && value >= 0
    if (type === 'set-learning-rate') {
      if (!isFit) throw badLearningRate(value)
      this.#learningRate = value
      this.#controls.learningRate = value
      return
    }
    if (!isFit) throw badLossWeight(value)
    this.#lossWeights.set(edit.loss, value)
    this.#controls.lossWeights.set(edit.loss, value)
  }

  /** What was set after the checkpoint that a run goes on from comes into force again. */
  repeat({ edits }: RunProgress): void {
    const latest = (wanted: string) => edits.findLast(({ setting }) => setting === wanted)?.value
    const rate = this.#learningRate
    if (rate !== null && latest('learningRate') !== rate) this.#controls.learningRate ??= rate
    for (const [loss, weight] of this.#lossWeights)
      if (latest(lossSetting(loss)) !== weight) this.#controls.lossWeights.set(loss, weight)
  }
}
