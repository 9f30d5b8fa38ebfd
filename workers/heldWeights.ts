import { DataError } from '../src/core/errors.ts'
import type { NamedTensors } from '../src/core/hostTensor.ts'

/** Somebody's file, read and decoded. */
export interface ReadWeights {
  /** As it may be shown. */
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Views into the bytes where they can be. */
  readonly tensors: NamedTensors
}

/** Weights between the call that opens them and the one that imports them, so that a file is read once. */
export class HeldWeights {
  readonly #all = new Map<number, ReadWeights>()
  #count = 0

  hold(weights: ReadWeights): number {
    this.#all.set(++this.#count, weights)
    return this.#count
  }

  /** @throws DataError `weights-gone` */
  get(held: number): ReadWeights {
    const found = this.#all.get(held)
    if (found !== undefined) return found
    throw new DataError(`weights ${held}: are not held any more; nothing was stored`, {
      code: 'weights-gone',
      remedy: 'The page’s worker was started anew in between: drop the file again.',
    })
  }

  release(held: number): void {
    this.#all.delete(held)
  }
}
