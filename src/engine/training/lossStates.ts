import { Generator } from '../../core/rng.ts'
import { elementCount } from '../../core/hostTensor.ts'
import { LabBackend } from '../backend/labBackend.ts'
import {
  backend as currentBackend,
  isFinite,
  slice,
  tidy,
  where,
  type Tensor,
  type Tensor1D,
} from '../backend/tfjs.ts'
import { keepFinite } from '../kernels/flatUpdate/keepFinite.ts'
import type { StateSpec } from '../losses/defineLoss.ts'
import { layOut, pageLimit } from '../parameters/layout.ts'
import { createIntegerStore, createTensorStore, type TensorStore } from '../parameters/tensorStore.ts'

/** What the losses of a stage keep from step to step, on the device. */
export class LossStates {
  readonly floats: TensorStore
  readonly integers: TensorStore<Int32Array>

  /** With first values from the run's generator. */
  constructor(specs: ReadonlyMap<string, StateSpec>, seed: number) {
    const ofType = (dtype: StateSpec['dtype']) => {
      const own = [...specs].filter(([, spec]) => spec.dtype === dtype)
      return layOut(
        own.map(([name, { shape }]) => ({ name, shape })),
        pageLimit(),
      )
    }
    this.floats = createTensorStore(ofType('float32'), 'states of losses')
    this.integers = createIntegerStore(ofType('int32'), 'states of losses')
    for (const [name, spec] of specs) {
      const make = (): Float32Array => firstValues(name, spec, seed)
      if (spec.dtype === 'float32') this.floats.fill(name, make)
      else this.integers.fill(name, () => Int32Array.from(make()))
    }
  }

  get(name: string): Tensor | undefined {
    return this.floats.variables.get(name) ?? this.integers.variables.get(name)
  }

  get sizeBytes(): number {
    return this.floats.sizeBytes + this.integers.sizeBytes
  }

  /**
   * After an update of the weights.
   * @param clip [2] f32: factor on gradients, their norm; where that is not finite all stays as it is
   */
  update(next: ReadonlyMap<string, Tensor>, clip: Tensor1D): void {
    const backend = currentBackend()
    for (const store of [this.floats, this.integers]) {
      for (const [name, variable] of store.variables) {
        const value = next.get(name)!
        if (backend instanceof LabBackend) keepFinite(backend, variable, value, clip)
        else tidy(() => variable.assign(where(isFinite(slice(clip, 1, 1)), value, variable)))
      }
    }
  }

  dispose(): void {
    this.floats.dispose()
    this.integers.dispose()
  }
}

function firstValues(name: string, { shape, init }: StateSpec, seed: number): Float32Array {
  const length = elementCount(shape)
  if (init !== 'unit-rows') return new Float32Array(length).fill(init === 'ones' ? 1 : 0)
  const values = Float32Array.from(new Generator(seed, `init/${name}`).normals(length))
  const width = shape.at(-1)!
  for (let start = 0; start < length; start += width) {
    const row = values.subarray(start, start + width)
    const norm = Math.hypot(...row)
    row.forEach((value, i) => (row[i] = value / norm))
  }
  return values
}
