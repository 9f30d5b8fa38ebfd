import { DeviceError } from '../core/errors.ts'

let loading: Promise<GPU> | null = null

/** Dawn's device that computes nothing: what remains is the host's own cost. */
export async function loadNullGpu(): Promise<GPU> {
  return createGpu(['backend=null'])
}

/**
 * WebGPU for Node: Dawn, from the `webgpu` package. Sets, once, what tfjs expects as globals: the constants
 * (`GPUBufferUsage`, …) and `navigator.gpu`. Throws DeviceError `no-webgpu` where the package has no binary for this
 * platform and `no-adapter` where it finds no driver.
 */
export function loadGpu(): Promise<GPU> {
  loading ??= load()
  return loading
}

async function load(): Promise<GPU> {
  // No options: Dawn's toggles are not there in browsers, and results must compare.
  const gpu = await createGpu([])
  const adapter = await gpu.requestAdapter().catch(() => null)
  if (adapter !== null) return gpu
  throw new DeviceError('WebGPU in Node: needs a Vulkan, Metal or Direct3D 12 driver, got none', {
    code: 'no-adapter',
    remedy: `${howToGetOne()} Or use --backend cpu, which is slow and needs nothing.`,
  })
}

async function createGpu(options: string[]): Promise<GPU> {
  try {
    const { create, globals } = await import('webgpu')
    Object.assign(globalThis, globals)
    const gpu = create(options)
    provideNavigator(gpu)
    return gpu
  } catch (cause) {
    throw new DeviceError(
      `WebGPU in Node: the "webgpu" package does not load on ${process.platform}-${process.arch}`,
      {
        code: 'no-webgpu',
        remedy: 'Run `npm ci` again, or use --backend cpu.',
        cause,
        details: { reason: cause instanceof Error ? cause.message : String(cause) },
      },
    )
  }
}

/** Node has a navigator from version 21 on, without `gpu`. */
function provideNavigator(gpu: GPU): void {
  const isThere = typeof navigator === 'object'
  if (isThere) Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true })
  else Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true })
}

function howToGetOne(): string {
  if (process.platform !== 'linux') return 'Update the graphics driver.'
  return (
    "Install the graphics card's Vulkan driver, or a software one: Debian and Ubuntu have it in the packages " +
    'mesa-vulkan-drivers and libvulkan1, and Chromium brings its own, which is found by itself.'
  )
}
