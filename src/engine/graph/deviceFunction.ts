import { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import { notRecordable, type Recording } from '../backend/recorder.ts'
import type { Tensor, Tensor1D } from '../backend/tfjs.ts'
import { backend as currentBackend, keep, tensor1d, tidy } from '../backend/tfjs.ts'
import { DeviceError } from '../../core/errors.ts'
import { differenceOf } from './differences.ts'
import { Feeds, type FeedShape } from './feeds.ts'
import { DispatchTimer } from './dispatchTimer.ts'
import { Pieces } from './pieces.ts'
import { placeBuffers, type Placement } from './placement.ts'
import { compileAll, Program, type ProgramPart } from './program.ts'
import { ReadingsRing } from './readingsRing.ts'
import { withoutUnread } from './unread.ts'
import type { Workspace } from './workspace.ts'

/** What a function reads, on the device. */
export interface Inputs<Name extends string> {
  tensor(name: Name): Tensor1D
  /** The same as a part of a buffer; null on the CPU. */
  range(name: Name): BufferRange | null
}

/** Numbers that are still on the device. */
export interface PendingValues {
  read(): Promise<Float32Array>
  /** Frees them unread. */
  discard(): void
}

export type Values<Name extends string> = Readonly<Record<Name, Int32Array | Float32Array>>

export interface DeviceFunctionOptions<Name extends string> {
  /** What is given with every call. */
  readonly feeds: Record<Name, FeedShape>
  /**
   * Computes float32 [n] from the inputs; may change variables in place. Within `tidy`. It must ask the same of the
   * device every time. `host` is a number of the call for what cannot do without; a recording refuses what depends on it.
   */
  readonly run: (inputs: Inputs<Name>, host: number) => Tensor1D
  readonly workspace: Workspace | null
  /** Without a recording: to look for a fault, and what a recording is held against. */
  readonly isEager: boolean
}

export interface TimedPart extends ProgramPart {
  /** On the device's clock, from the first dispatch. */
  readonly startMs: number
  readonly durationMs: number
}

export type CompileProgress = (done: number, total: number) => void

/** A function from arrays on the host to numbers, which is recorded once and replayed at every call on a GPU. */
export interface DeviceFunction<Name extends string> {
  /**
   * Records without compiling or taking memory: what a recording will take, whether or not the device can hold it. null
   * where there is none.
   */
  plan(): Placement | null
  /** Records at once, and compiles in the background. A call before it is done does so itself, and blocks. */
  prepare(onProgress: CompileProgress): Promise<void>
  /** When the preparation that was begun is done, and at once where none was. @throws what it failed of */
  prepared(): Promise<void>
  /** Submits; nothing waits. */
  call(values: Values<Name>, host: number): PendingValues
  /**
   * A call whose dispatches are timed one by one, so that it takes longer; null times where the adapter has no
   * timestamps or nothing is recorded.
   */
  callTimed(
    values: Values<Name>,
    host: number,
  ): { pending: PendingValues; times: Promise<TimedPart[] | null> }
  /** null: not recorded (yet). */
  readonly program: Program | null
  /** Submissions of a call: more where a call takes so long that the screen would stutter. null without a recording. */
  readonly submits: number | null
  /** Why it runs without a recording, in words; null when it does not, or was asked to. */
  readonly refusal: string | null
  /** On the device, without the workspace. */
  readonly sizeBytes: number
  dispose(): void
}

export function createDeviceFunction<Name extends string>(
  options: DeviceFunctionOptions<Name>,
): DeviceFunction<Name> {
  const backend = currentBackend()
  return backend instanceof LabBackend ? new RecordedFunction(backend, options) : plainFunction(options)
}

function plainFunction<Name extends string>({ run }: DeviceFunctionOptions<Name>): DeviceFunction<Name> {
  return {
    callTimed(values, host) {
      return { pending: this.call(values, host), times: Promise.resolve(null) }
    },
    program: null,
    submits: null,
    refusal: null,
    sizeBytes: 0,
    plan: () => null,
    prepare: () => Promise.resolve(),
    prepared: () => Promise.resolve(),
    call(values, host) {
      const result = tidy(() => {
        const tensor = (name: Name): Tensor1D => {
          const given = values[name]
          return tensor1d(given, given instanceof Int32Array ? 'int32' : 'float32')
        }
        return run({ tensor, range: () => null }, host)
      })
      return pendingTensor(result)
    },
    dispose() {},
  }
}

function pendingTensor(result: Tensor): PendingValues {
  return {
    async read() {
      try {
        return (await result.data<'float32'>()).slice()
      } finally {
        result.dispose()
      }
    },
    discard: () => result.dispose(),
  }
}

interface Recorded {
  readonly recording: Recording
  readonly output: BufferRange
}

class RecordedFunction<Name extends string> implements DeviceFunction<Name> {
  program: Program | null = null
  refusal: string | null = null
  readonly #backend: LabBackend
  readonly #options: DeviceFunctionOptions<Name>
  readonly #feeds: Feeds<Name>
  readonly #pieces = new Pieces()
  #ring: ReadingsRing | null = null
  #output: BufferRange | null = null
  /** Made by {@link plan}, for {@link prepare} or the first call. */
  #planned: Recorded | null = null
  #preparing: Promise<void> = Promise.resolve()
  #isDisposed = false

  constructor(backend: LabBackend, options: DeviceFunctionOptions<Name>) {
    this.#backend = backend
    this.#options = options
    this.#feeds = new Feeds(backend, options.feeds)
  }

  plan(): Placement | null {
    if (this.program !== null) return this.program.placement
    if (this.#isPlain) return null
    this.#planned ??= this.#record(true)
    if (this.#planned === null) return null
    const { recording, output } = this.#planned
    return placeBuffers(recording, new Set([output.buffer]))
  }

  prepare(onProgress: CompileProgress): Promise<void> {
    this.#preparing = this.#prepare(onProgress)
    // Told to whoever asks for it.
    this.#preparing.catch(() => {})
    return this.#preparing
  }

  prepared(): Promise<void> {
    return this.#preparing
  }

  async #prepare(onProgress: CompileProgress): Promise<void> {
    if (this.program !== null || this.#isPlain) return
    const recorded = this.#planned ?? this.#record(true)
    this.#planned = null
    if (recorded === null) return
    const recording = await compileAll(recorded.recording, onProgress)
    // A call did not wait, or nobody will call any more.
    if (this.program === null && !this.#isDisposed) this.#build({ ...recorded, recording })
  }

  call(values: Values<Name>, host: number): PendingValues {
    const program = this.#begin(values)
    if (program === null) return this.#callPlainly(host)
    return this.#replayInPieces(program)
  }

  callTimed(values: Values<Name>, host: number): ReturnType<DeviceFunction<Name>['callTimed']> {
    const { device } = this.#backend
    const program = this.#begin(values)
    if (program === null || !device.features.has('timestamp-query')) {
      const pending = program === null ? this.#callPlainly(host) : this.#replayInPieces(program)
      return { pending, times: Promise.resolve(null) }
    }
    const timer = new DispatchTimer(this.#backend, program.parts)
    const pending = this.#replay((encoder) => {
      program.encodeTimed(encoder, (index) => timer.writesOf(index))
      timer.finish(encoder)
    })
    return { pending, times: timer.read() }
  }

  dispose(): void {
    this.#isDisposed = true
    this.program?.dispose()
    this.#ring?.dispose()
    this.#feeds.dispose()
  }

  get sizeBytes(): number {
    return this.#feeds.sizeBytes + (this.#ring?.sizeBytes ?? 0) + (this.program?.constantBytes ?? 0)
  }

  get submits(): number | null {
    return this.program?.cut(this.#pieces.count).length ?? null
  }

  get #isPlain(): boolean {
    return this.#options.isEager || this.refusal !== null
  }

  #callPlainly(host: number): PendingValues {
    const result = tidy(() => this.#options.run(this.#feeds, host))
    // Later feeds must not overtake it.
    this.#backend.flush()
    return pendingTensor(result)
  }

  /** Writes the inputs. The program to replay, recorded where it has to be; null where it cannot be. */
  #begin(values: Values<Name>): Program | null {
    const feeds = this.#feeds
    for (const name of Object.keys(values) as Name[]) feeds.set(name, values[name])
    feeds.write()
    if (this.program === null && !this.#isPlain) {
      const recorded = this.#planned ?? this.#record(false)
      this.#planned = null
      if (recorded !== null) this.#build(recorded)
    }
    return this.program
  }

  #replayInPieces(program: Program): PendingValues {
    const { device } = this.#backend
    const ends = program.cut(this.#pieces.count)
    let start = 0
    for (const end of ends.slice(0, -1)) {
      const encoder = device.createCommandEncoder()
      program.encode(encoder, start, end)
      device.queue.submit([encoder.finish()])
      start = end
    }
    const pending = this.#replay((encoder) => program.encode(encoder, start, ends.at(-1)!))
    this.#pieces.watch(device.queue)
    return pending
  }

  #replay(encode: (encoder: GPUCommandEncoder) => void): PendingValues {
    const { device } = this.#backend
    const ring = this.#ring!
    const encoder = device.createCommandEncoder()
    encode(encoder)
    const entry = ring.push(encoder, this.#output!)
    device.queue.submit([encoder.finish()])
    return { read: () => ring.read(entry), discard: () => ring.discard(entry) }
  }

  /** null where it cannot be: then `refusal` says why. */
  #record(isCompiledLater: boolean): Recorded | null {
    try {
      const first = this.#recordOnce(0, isCompiledLater)
      // What is only planned is not replayed: it may be another thing each time.
      const second = this.#backend.isPlanning ? first : this.#recordOnce(1, isCompiledLater)
      const difference = differenceOf(first.recording, second.recording)
      if (difference !== null) throw notRecordable(difference)
      const { recording, output } = first
      return { output, recording: withoutUnread(recording, new Set([output.buffer])) }
    } catch (error) {
      if (!(error instanceof DeviceError) || error.code !== 'not-recordable') throw error
      this.refusal = error.message
      return null
    }
  }

  #recordOnce(host: number, isCompiledLater: boolean): Recorded {
    const backend = this.#backend
    let result: Tensor1D | null = null
    const recording = backend.record(() => {
      result = tidy(() => keep(this.#options.run(this.#feeds, host)))
    }, isCompiledLater)
    const output = backend.rangeOf(result!)
    ;(result! as Tensor1D).dispose()
    return { recording, output }
  }

  #build({ recording, output }: Recorded): void {
    const backend = this.#backend
    const { buffer, offset, size } = output
    this.program = new Program(recording, { backend, workspace: this.#options.workspace!, kept: [buffer] })
    this.#ring = new ReadingsRing(backend, size / 4)
    const place = this.program.placeOf(buffer)
    this.#output = { buffer: place.buffer, offset: place.offset + offset, size }
  }
}
