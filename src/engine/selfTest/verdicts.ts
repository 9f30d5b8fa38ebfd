import { LabBackend } from '../backend/labBackend.ts'
import { backend as currentBackend } from '../backend/tfjs.ts'
import { switchedOffKernels, switchOffKernels } from '../kernels/mode.ts'
import { selfTests } from './registry.ts'

/** What a self-test found of one kernel. Plain data, kept for the adapter. */
export interface KernelVerdict {
  readonly kernel: string
  readonly isRight: boolean
  /** Share of the largest true number; null where nothing could be compared. */
  readonly worstError: number | null
  /** null where it is right. */
  readonly problem: string | null
  /** Of a wrong kernel; null for a right one, whose twin is not asked. */
  readonly isTwinRight: boolean | null
  /** How long the test took, compiling included. */
  readonly elapsedMs: number
  /** Neither it nor its twin answered in time: so does a machine that is busy. */
  readonly isLate?: boolean
}

/** What may be kept for the next time: a kernel that was only late is tested anew then. */
export function lasting(verdicts: readonly KernelVerdict[]): KernelVerdict[] {
  return verdicts.filter(({ isLate }) => isLate !== true)
}

/** Kernels that are wrong, and those that run them inside. */
export function wrongKernels(verdicts: readonly KernelVerdict[]): string[] {
  const wrong = new Set(verdicts.filter(({ isRight }) => !isRight).map(({ kernel }) => kernel))
  const resting = selfTests.all.filter(({ restsOn }) => restsOn.some((base) => wrong.has(base)))
  return [...wrong, ...resting.map(({ id }) => id).filter((id) => !wrong.has(id))]
}

/** From now on new sessions on the current backend use the twins of wrong kernels. */
export function applyVerdicts(verdicts: readonly KernelVerdict[]): void {
  const backend = currentBackend()
  if (backend instanceof LabBackend) switchOffKernels(backend, wrongKernels(verdicts))
}

/** Kernels whose twins compute on the current backend, by name. */
export function replacedKernels(): string[] {
  const backend = currentBackend()
  return backend instanceof LabBackend ? [...switchedOffKernels(backend)].sort() : []
}

/** What is read from storage may be of another version. */
export function isVerdict(value: unknown): value is KernelVerdict {
  if (typeof value !== 'object' || value === null) return false
  const { kernel, isRight, worstError, problem, isTwinRight, elapsedMs } = value as Record<
    keyof KernelVerdict,
    unknown
  >
  return (
    typeof kernel === 'string' &&
    typeof isRight === 'boolean' &&
    (worstError === null || typeof worstError === 'number') &&
    (problem === null || typeof problem === 'string') &&
    (isTwinRight === null || typeof isTwinRight === 'boolean') &&
    typeof elapsedMs === 'number'
  )
}
