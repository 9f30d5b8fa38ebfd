import { LabBackend } from '../backend/labBackend.ts'
import {
  backend as currentBackend,
  gather,
  reshape,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { putRow } from '../kernels/putRow/putRow.ts'
import { layOut, pageLimit } from '../parameters/layout.ts'
import { createTensorStore, type TensorStore } from '../parameters/tensorStore.ts'

/** How much is kept. */
export interface CacheSizes {
  /** Sequences that are written side by side. */
  readonly batchSize: number
  /** Places of each. */
  readonly seqLen: number
  /** Rows of what each attends to besides itself; 0 where there is nothing. */
  readonly memoryLen: number
}

/** What one attention layer keeps of sequences. */
export interface CacheSpec {
  /** The layer's, as it puts them. */
  readonly name: string
  /** [B * T, (H + 2 * Hkv) * headDim]; of a memory [B * Tm, 2 * Hkv * headDim] */
  readonly shape: readonly [number, number]
  /** Of what is attended to besides the sequence: it stays as it is while that is written. */
  readonly isOfMemory: boolean
}

/** Keys and values of the tokens before, so that a pass has one of each sequence to compute; or a pass that keeps them. */
export interface KeyValueCache {
  /** int32 [1]: the place of the tokens that are read, one of each sequence; null where whole contexts are. */
  readonly row: Tensor1D | null
  /**
   * Keeps queries, keys and values, side by side and without positions: those of one token of each at its place, or of all.
   * Queries of tokens before are of no use, but the attention kernel takes the three as one.
   * @param qkv [B or B * context, (H + 2 * Hkv) * headDim]
   * @returns those of all places [B * context, (H + 2 * Hkv) * headDim]; what comes after the tokens means nothing
   */
  put(name: string, qkv: Tensor2D): Tensor2D
  /**
   * Keys and values of a memory, side by side: [B * Tm, 2 * Hkv * headDim].
   * @param make is asked where whole contexts are read, whose are kept for the tokens after them
   */
  ofMemory(name: string, make: () => Tensor2D): Tensor2D
}

/** The buffers of keys and values of sequences on the current backend. */
export class StoredKeyValues {
  readonly #specs: readonly CacheSpec[]
  readonly #store: TensorStore

  constructor(specs: readonly CacheSpec[]) {
    this.#specs = specs
    this.#store = createTensorStore(layOut(specs, pageLimit()), 'keys and values')
  }

  get sizeBytes(): number {
    return this.#store.sizeBytes
  }

  /** For a pass over one token of each sequence. */
  at(row: Tensor1D): KeyValueCache {
    const keptOf = (name: string) => this.#store.variables.get(name)!
    return {
      row,
      put: (name, qkv) => {
        putRow(keptOf(name), qkv, row)
        return keptOf(name) as Tensor as Tensor2D
      },
      ofMemory: (name) => keptOf(name) as Tensor as Tensor2D,
    }
  }

  /** For a pass over whole contexts. */
  ofAll(): KeyValueCache {
    return {
      row: null,
      put: (name, qkv) => this.#keep(name, qkv),
      ofMemory: (name, make) => this.#keep(name, make()),
    }
  }

  /**
   * Sequence i goes on from what is kept of sequence parents[i], which has the same memory.
   * @param parents int32 [B]
   * @returns what is kept now, layer by layer
   */
  reorder(parents: Tensor1D): Tensor2D[] {
    return this.#specs.flatMap(({ name, shape, isOfMemory }) => {
      if (isOfMemory) return []
      const sequences: Tensor2D = reshape(this.#store.variables.get(name)!, [parents.size, -1]) // [B, T * width]
      return [this.#keep(name, reshape(gather(sequences, parents), [...shape]))]
    })
  }

  #keep(name: string, rows: Tensor2D): Tensor2D {
    const kept = this.#store.variables.get(name)!
    const backend = currentBackend()
    if (backend instanceof LabBackend) {
      backend.copy(rows, backend.rangeOf(kept))
      backend.forgetHostCopy(kept)
    } else kept.assign(rows)
    return rows
  }

  dispose(): void {
    this.#store.dispose()
  }
}
