import { LabBackend } from '../backend/labBackend.ts'
import { backend as currentBackend, type Tensor, type Tensor1D, type Tensor2D } from '../backend/tfjs.ts'
import { putRow } from '../kernels/putRow/putRow.ts'
import { layOut, pageLimit } from '../parameters/layout.ts'
import { createTensorStore, type TensorStore } from '../parameters/tensorStore.ts'

/** What one attention layer keeps of a sequence. */
export interface CacheSpec {
  /** The layer's, as it puts them. */
  readonly name: string
  /** [context, (H + 2 * Hkv) * headDim] */
  readonly shape: readonly [number, number]
}

/** Keys and values of the tokens before, so that a pass has a single one to compute; or a pass that keeps them. */
export interface KeyValueCache {
  /** int32 [1]: the place of the token that is read; null where the whole context is. */
  readonly row: Tensor1D | null
  /**
   * Keeps queries, keys and values, side by side and without positions: those of one token at its place, or of all. Queries
   * of tokens before are of no use, but the attention kernel takes the three as one.
   * @param qkv [1 or context, (H + 2 * Hkv) * headDim]
   * @returns those of all places [context, (H + 2 * Hkv) * headDim]; what comes after the token means nothing
   */
  put(name: string, qkv: Tensor2D): Tensor2D
}

/** The buffers of a sequence's keys and values on the current backend. */
export class StoredKeyValues {
  readonly #store: TensorStore

  constructor(specs: readonly CacheSpec[]) {
    this.#store = createTensorStore(layOut(specs, pageLimit()), 'keys and values')
  }

  get sizeBytes(): number {
    return this.#store.sizeBytes
  }

  /** For a pass over one token. */
  at(row: Tensor1D): KeyValueCache {
    return {
      row,
      put: (name, qkv) => {
        const kept = this.#store.variables.get(name)!
        putRow(kept, qkv, row)
        return kept as Tensor as Tensor2D
      },
    }
  }

  /** For a pass over the whole context. */
  ofAll(): KeyValueCache {
    return {
      row: null,
      put: (name, qkv) => {
        const kept = this.#store.variables.get(name)!
        const backend = currentBackend()
        if (backend instanceof LabBackend) {
          backend.copy(qkv, backend.rangeOf(kept))
          backend.forgetHostCopy(kept)
        } else kept.assign(qkv)
        return qkv
      },
    }
  }

  dispose(): void {
    this.#store.dispose()
  }
}
