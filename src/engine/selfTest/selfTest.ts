import { DeviceError } from '../../core/errors.ts'
import type { EngineDevice } from '../backend/createDevice.ts'
import { LabBackend } from '../backend/labBackend.ts'
import { onCpu } from '../backend/onCpu.ts'
import { backend as currentBackend, dispose, tidy, type Tensor } from '../backend/tfjs.ts'
import { compileInBackground } from '../graph/program.ts'
import { switchOffKernels } from '../kernels/mode.ts'
import { worstErrorOf } from './compare.ts'
import type { SelfTest, SelfTestCase, SelfTestSizes } from './defineSelfTest.ts'
import { selfTests } from './registry.ts'
import { applyVerdicts, type KernelVerdict } from './verdicts.ts'

export interface SelfTestOptions {
  /** The current one. */
  readonly device: EngineDevice
  /** What is known of this adapter already: those kernels are not tested again. */
  readonly known: readonly KernelVerdict[]
  /** Ends it between two cases; the kernel at work is tested anew the next time. */
  readonly signal: AbortSignal
  /** Milliseconds that a kernel may take to answer, compiling left out. */
  readonly patienceMs: number
  readonly onProgress: (done: number, total: number) => void
  /** Those of every kernel by default. */
  readonly tests?: readonly SelfTest[]
  readonly sizes?: readonly SelfTestSizes[]
}

/** Vectors of four and more than a workgroup. */
const usual: SelfTestSizes = { rows: 70, width: 36, columns: 68 }
/** Single numbers and less than a workgroup; and the long heads and large blocks that only GPUs are given. */
const others: readonly SelfTestSizes[] = [
  { rows: 5, width: 7, columns: 9 },
  { rows: 70, width: 128, columns: 200 },
]
/** Compilers of software adapters take long, and those adapters are the ones that these kernels are tested on. */
const sizesFor = ({ isSoftware }: LabBackend): readonly SelfTestSizes[] =>
  isSoftware ? [usual] : [usual, ...others]
const usualTolerance = 1e-4
const noAnswer = 'no-answer'
/** At the compiler. Each one that is there when a run starts makes it wait. */
const programsAtOnce = 2

/**
 * Holds every kernel and its gradient against the CPU, and switches off those that are wrong. Afterwards kernels are as
 * the verdicts say. Where the device is lost over a kernel, that one is wrong and the others wait for the next device.
 * @returns verdicts, the known ones among them, as far as it came; none on the CPU
 */
export async function selfTest(options: SelfTestOptions): Promise<KernelVerdict[]> {
  const { device, known, signal, onProgress, tests = selfTests.all } = options
  const backend = currentBackend()
  if (!(backend instanceof LabBackend)) return []
  const verdicts = [...known]
  const isKnown = ({ id }: SelfTest): boolean => known.some(({ kernel }) => kernel === id)
  const untested = tests.filter((test) => !isKnown(test))
  let isLost = false
  void device.lost.then(() => (isLost = true))
  onProgress(0, untested.length)
  for (const [index, test] of untested.entries()) {
    if (signal.aborted || isLost) break
    const startedAt = performance.now()
    const verdict = await verdictOf(test, backend, options)
    if (verdict === null) break
    verdicts.push({ ...verdict, elapsedMs: Math.round(performance.now() - startedAt) })
    onProgress(index + 1, untested.length)
  }
  applyVerdicts(verdicts)
  if (!isLost) device.trim()
  return verdicts
}

/** null where it was ended before there was one. */
async function verdictOf(
  test: SelfTest,
  backend: LabBackend,
  options: SelfTestOptions,
): Promise<Omit<KernelVerdict, 'elapsedMs'> | null> {
  const { id: kernel } = test
  switchOffKernels(backend, [])
  const fused = await attempt(test, backend, options, true)
  if (fused === null) return null
  if (fused.problem === null)
    return { kernel, isRight: true, worstError: fused.worstError, problem: null, isTwinRight: null }
  switchOffKernels(backend, [kernel])
  const twin = await attempt(test, backend, options, false)
  if (twin === null) return null
  const { worstError, problem } = fused
  const isLate = fused.isLate && twin.isLate
  return {
    kernel,
    isRight: false,
    worstError,
    problem,
    isTwinRight: twin.problem === null,
    ...(isLate && { isLate }),
  }
}

/** What all cases of a test come to. `worstError` is null where nothing could be compared. */
interface Outcome {
  worstError: number | null
  problem: string | null
  /** The device did not answer in time. */
  isLate: boolean
}

async function attempt(
  test: SelfTest,
  backend: LabBackend,
  { device, sizes = sizesFor(backend), patienceMs, signal }: SelfTestOptions,
  isFused: boolean,
): Promise<Outcome | null> {
  const outcome: Outcome = { worstError: null, problem: null, isLate: false }
  try {
    // What was wrong before is not this kernel's.
    errorOf(device)
    for (const each of sizes.flatMap((size) => test.cases(size))) {
      if (signal.aborted) return null
      const compute = (): Tensor[] => tidy(() => each.compute(isFused ? backend : null))
      if (isFused && test.isRecordable) {
        const recording = backend.record(() => dispose(compute()), true)
        await compileInBackground(recording, programsAtOnce, signal)
      }
      if (signal.aborted) return null
      const error = await worstOfCase(each, compute, { device, patienceMs })
      if (!Number.isFinite(error)) {
        outcome.problem ??= `${each.name}: gives numbers that are not finite`
        continue
      }
      outcome.worstError = Math.max(outcome.worstError ?? 0, error)
      if (error > (each.tolerance ?? usualTolerance))
        outcome.problem ??= `${each.name}: differs from the CPU by ${error.toPrecision(2)}`
    }
  } catch (error) {
    // The device says what came first; what is thrown is often only what followed.
    const first = errorOf(device) ?? error
    outcome.problem = messageOf(first)
    outcome.isLate = first instanceof DeviceError && first.code === noAnswer
  }
  return outcome
}

async function worstOfCase(
  each: SelfTestCase,
  compute: () => Tensor[],
  { device, patienceMs }: Pick<SelfTestOptions, 'device' | 'patienceMs'>,
): Promise<number> {
  const truth = onCpu(() => tidy(() => each.compute(null)))
  const found = compute()
  try {
    const read = (tensors: Tensor[]) => Promise.all(tensors.map((tensor) => tensor.data<'float32'>()))
    const reading = Promise.all([read(truth), read(found)])
    const [expected, actual] = await answered(reading, device, patienceMs)
    await answered(device.sync(), device, patienceMs)
    device.throwIfFailed()
    const errors = actual.map((values, k) => worstErrorOf(values, expected[k % truth.length]!))
    return Math.max(0, ...errors)
  } finally {
    dispose([...truth, ...found])
  }
}

/** @throws DeviceError `device-lost`, or `no-answer` after too long a time */
async function answered<T>(work: Promise<T>, { lost }: EngineDevice, patienceMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLong = new Promise<never>((_, reject) => {
    const error = new DeviceError(`Self-test: must answer within ${patienceMs} ms, got nothing`, {
      code: noAnswer,
    })
    timer = setTimeout(() => reject(error), patienceMs)
  })
  try {
    return await Promise.race([work, tooLong, lost.then((error): never => Promise.reject(error) as never)])
  } finally {
    clearTimeout(timer)
  }
}

/** What the device has to complain of since it was asked last. */
function errorOf(device: EngineDevice): unknown {
  try {
    device.throwIfFailed()
    return null
  } catch (error) {
    return error
  }
}

/** Compilers can say a lot; the first words tell what it is about, and the rest is not for keeping. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300)
}
