import { LabBackend } from '../backend/labBackend.ts'
import { backend as currentBackend, type Tensor1D } from '../backend/tfjs.ts'
import { movingAverage, movingAverageTwin } from '../kernels/movingAverage/movingAverage.ts'
import { createTensorStore, type TensorStore } from '../parameters/tensorStore.ts'

/** An exponential moving average of all weights of a model, which begins with what they are. */
export class WeightAverage {
  /** Laid out like the weights. */
  readonly store: TensorStore
  readonly #weights: TensorStore
  readonly #decay: number

  /** @param decay how much of the average stays at an update */
  constructor(weights: TensorStore, decay: number) {
    this.store = createTensorStore(weights.layout, 'average of weights')
    this.#weights = weights
    this.#decay = decay
    this.begin()
  }

  /** From the weights as they are now. */
  begin(): void {
    const backend = currentBackend()
    for (const [name, average] of this.store.variables) {
      const weight = this.#weights.variables.get(name)!
      if (!(backend instanceof LabBackend)) {
        average.assign(weight)
        continue
      }
      backend.copy(weight, backend.rangeOf(average))
      backend.forgetHostCopy(average)
    }
    if (backend instanceof LabBackend) backend.flush()
  }

  /**
   * After an update of the weights.
   * @param clip [2] f32: factor on gradients, their norm; where that is not finite all stays as it is
   */
  update(clip: Tensor1D): void {
    const backend = currentBackend()
    const options = { decay: this.#decay, clip }
    if (backend instanceof LabBackend) {
      this.store.pages.forEach((page, i) => movingAverage(backend, page, this.#weights.pages[i]!, options))
      return
    }
    for (const [name, average] of this.store.variables)
      average.assign(movingAverageTwin(average, this.#weights.variables.get(name)!, options))
  }

  dispose(): void {
    this.store.dispose()
  }
}
