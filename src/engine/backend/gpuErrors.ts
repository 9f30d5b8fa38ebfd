import { DeviceError } from '../../core/errors.ts'

/** Collects the errors that WebGPU reports outside any call, so that the step after one can throw it. */
export class GpuErrorWatch {
  #first: DeviceError | null = null
  readonly #device: GPUDevice
  constructor(device: GPUDevice) {
    this.#device = device
    device.addEventListener('uncapturederror', this.#onError)
  }

  throwIfFailed(): void {
    const error = this.#first
    this.#first = null
    if (error !== null) throw error
  }

  stop(): void {
    this.#device.removeEventListener('uncapturederror', this.#onError)
  }

  readonly #onError = (event: GPUUncapturedErrorEvent): void => {
    // Otherwise the browser prints it as well.
    event.preventDefault()
    this.#first ??= toDeviceError(event.error)
  }
}

function toDeviceError(error: GPUError): DeviceError {
  if (error.constructor.name === 'GPUOutOfMemoryError') {
    return new DeviceError(
      `GPU: must hold all tensors of a step, got out of memory: ${firstLine(error.message)}`,
      {
        code: 'out-of-memory',
        remedy: 'Choose a smaller batch, context or model.',
        details: { message: error.message },
      },
    )
  }
  return new DeviceError(`GPU: commands must be valid, got ${firstLine(error.message)}`, {
    code: 'gpu-validation',
    remedy: 'Choose a smaller model if a limit is named; else this is a fault in Bunsen.',
    details: { message: error.message },
  })
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
