import { log } from '../src/core/log.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { selfTests } from '../src/engine/selfTest/registry.ts'
import { selfTest, type SelfTestOptions } from '../src/engine/selfTest/selfTest.ts'
import { applyVerdicts, wrongKernels, type KernelVerdict } from '../src/engine/selfTest/verdicts.ts'
import type { Connection } from '../src/storage/connection.ts'
import { keepVerdicts, readVerdicts, type VerdictOwner } from './keptVerdicts.ts'
import type { SelfTestReport } from './protocol.ts'

export interface SelfTesterOptions {
  readonly storage: Connection
  readonly codeVersion: string
  readonly userAgent: string
  /** Nobody uses the device. */
  isIdle(): boolean
  tell(report: SelfTestReport): void
  readonly tests?: SelfTestOptions['tests']
}

/** How long nothing must have been asked of the device. What a first step needs is compiled first. */
const idleMs = 1000
/** A kernel that has not answered by then will not. */
const patienceMs = 20_000

/**
 * Tests the kernels of an adapter on first use while nobody uses the device, a few at a time where it is interrupted,
 * and keeps what it finds. A failure of the test itself, or of storage, is no reason not to train.
 */
export class SelfTester {
  readonly #options: SelfTesterOptions
  #device: EngineDevice | null = null
  #verdicts: KernelVerdict[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAtWork = false
  #ending = new AbortController()
  /** Never rejects. */
  #work: Promise<void> = Promise.resolve()

  constructor(options: SelfTesterOptions) {
    this.#options = options
  }

  get replaced(): string[] {
    return wrongKernels(this.#verdicts)
  }

  /** How many kernels it has yet to look at; 0 on the CPU. */
  get untested(): number {
    return this.#total - this.#verdicts.length
  }

  /** What is known of its adapter holds for a new device, before anything else is computed on it. */
  async adopt(device: EngineDevice): Promise<void> {
    await this.hold()
    const former = this.#device
    this.#device = device
    // A device that was lost over a kernel: what it had come to need not be stored yet.
    if (former?.info.name !== device.info.name || former.info.backend !== device.info.backend)
      this.#verdicts =
        device.info.backend === 'cpu' ? [] : await readVerdicts(this.#options.storage, this.#owner(device))
    applyVerdicts(this.#verdicts)
    this.#tell()
  }

  /** Forgets what was found, so that all is tested anew: an adapter that was only slow must not be slow for ever. */
  async forget(): Promise<void> {
    await this.hold()
    this.#verdicts = []
    applyVerdicts([])
    this.#tell()
  }

  /** Goes on once nobody has used the device for a while. */
  goOn(): void {
    clearTimeout(this.#timer)
    if (this.#device === null || this.#isDone) return
    this.#timer = setTimeout(() => {
      if (this.#options.isIdle() && !this.#isAtWork) this.#begin()
    }, idleMs)
  }

  /**
   * From now on the device is the caller's, until `goOn`. With a time to wait the test is done first, or as much of it
   * as can be done by then.
   */
  async hold(waitMs = 0): Promise<void> {
    clearTimeout(this.#timer)
    if (waitMs > 0 && this.#device !== null && !this.#isDone && !this.#isAtWork) this.#begin()
    const end = setTimeout(() => this.#ending.abort(), waitMs)
    await this.#work
    clearTimeout(end)
  }

  get #isDone(): boolean {
    return this.untested === 0
  }

  get #total(): number {
    return this.#device?.info.backend === 'cpu' ? 0 : this.#tests.length
  }

  get #tests(): NonNullable<SelfTestOptions['tests']> {
    return this.#options.tests ?? selfTests.all
  }

  #owner({ info }: EngineDevice): VerdictOwner {
    const { codeVersion, userAgent } = this.#options
    return { info, codeVersion, userAgent }
  }

  #begin(): void {
    this.#ending = new AbortController()
    this.#isAtWork = true
    this.#work = this.#test(this.#device!, this.#ending.signal)
      .catch((error: unknown) => log('warn', 'self-test', 'did not end', error))
      .finally(() => (this.#isAtWork = false))
  }

  async #test(device: EngineDevice, signal: AbortSignal): Promise<void> {
    const options = { device, known: this.#verdicts, signal, patienceMs, onProgress: () => {} }
    this.#verdicts = await selfTest({ ...options, tests: this.#tests })
    this.#tell()
    await keepVerdicts(this.#options.storage, this.#owner(device), this.#verdicts)
  }

  #tell(): void {
    this.#options.tell({ verdicts: this.#verdicts, total: this.#total, replaced: this.replaced })
  }
}
