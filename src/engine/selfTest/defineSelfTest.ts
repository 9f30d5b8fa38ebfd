import { Generator } from '../../core/rng.ts'
import type { LabBackend } from '../backend/labBackend.ts'
import { grads, tensor, tensor1d, type Tensor, type Tensor1D } from '../backend/tfjs.ts'

/** Three numbers from which a self-test makes the shapes of its tensors. */
export interface SelfTestSizes {
  readonly rows: number
  readonly width: number
  readonly columns: number
}

export interface SelfTestCase {
  readonly name: string
  /**
   * Outputs, and after them gradients, on the current backend, within `tidy`; the same inputs every time. A kernel that
   * comes in several forms gives those of each, one form after the other, to one truth.
   * @param backend the one of the kernel; null where the truth is wanted: on the CPU, or of the twin
   */
  readonly compute: (backend: LabBackend | null) => Tensor[]
  /** Largest difference in a tensor, as a share of its largest true number. 1e-4 when it is left out. */
  readonly tolerance?: number
}

/** What says whether a kernel is right on an adapter. */
export interface SelfTest {
  /** The kernel's folder, as it calls itself for `fusedBackend`. */
  readonly id: string
  /** Kernels in whose place its twin comes as well: it runs them inside. */
  readonly restsOn: readonly string[]
  /** Whether `compute` leaves a note of what it does instead of doing it, so that it can be compiled ahead. */
  readonly isRecordable: boolean
  cases(sizes: SelfTestSizes): readonly SelfTestCase[]
}

export function defineSelfTest(
  test: Pick<SelfTest, 'id' | 'cases'> & Partial<Pick<SelfTest, 'restsOn' | 'isRecordable'>>,
): SelfTest {
  return { restsOn: [], isRecordable: true, ...test }
}

/** Other numbers in the place of standard normals. */
export type ChangeInput = (name: string, normals: Float32Array) => Float32Array

let changeInput: ChangeInput = (_name, normals) => normals

/** Tests try kernels with numbers that are huge, tiny or all alike, too. */
export function withChangedInputs<T>(change: ChangeInput, run: () => T): T {
  const former = changeInput
  changeInput = change
  try {
    return run()
  } finally {
    changeInput = former
  }
}

/** float32, standard normals that belong to a name. */
export function normalTensor(name: string, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1)
  const normals = new Generator(0, `self-test ${name}`).normals(size)
  return tensor(changeInput(name, normals), [...shape], 'float32')
}

/** int32 [length], from 0 to below `bound`, each some times. */
export function someIds(length: number, bound: number): Tensor1D {
  return tensor1d(
    Int32Array.from({ length }, (_, n) => (n * n + 3 * n) % bound),
    'int32',
  )
}

/** [value, ...gradients]: of sum(value · cotangent), for inputs of these shapes. */
export function valueAndGradients(
  shapes: readonly (readonly number[])[],
  run: (...inputs: Tensor[]) => Tensor,
): Tensor[] {
  const inputs = shapes.map((shape, k) => normalTensor(`input ${k}`, shape))
  const value = run(...inputs)
  return [value, ...grads(run)(inputs, normalTensor('cotangent', value.shape))]
}
