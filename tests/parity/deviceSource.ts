import type { DeviceError } from '../../src/core/errors.ts'
import type { EngineDevice } from '../../src/engine/backend/createDevice.ts'

/** Opens the device once, when it is first needed, and remembers why it cannot be used any more. */
export class DeviceSource {
  readonly #open: () => Promise<EngineDevice>
  #opening: Promise<EngineDevice> | null = null
  #device: EngineDevice | null = null
  #broken: { error: unknown } | null = null

  constructor(open: () => Promise<EngineDevice>) {
    this.#open = open
  }

  get(): Promise<EngineDevice> {
    this.#opening ??= this.#start()
    return this.#opening
  }

  async #start(): Promise<EngineDevice> {
    try {
      this.#device = await this.#open()
    } catch (error) {
      this.#broken = { error }
      throw error
    }
    void this.#device.lost.then((error: DeviceError) => (this.#broken ??= { error }))
    return this.#device
  }

  /** Throws what the GPU reported since the last call: numbers of a faulty dispatch mean nothing. */
  throwIfFailed(): void {
    this.#device?.throwIfFailed()
  }

  /** Throws when there is no device to go on with. */
  throwIfLost(): void {
    if (this.#broken !== null) throw this.#broken.error
  }

  dispose(): void {
    this.#device?.dispose()
  }
}
