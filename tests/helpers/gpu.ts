import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { createDevice, type EngineDevice } from '../../src/engine/backend/createDevice.ts'

/**
 * Whether tests run in a browser. There, kernels are tried on another compiler and driver than in Node; the sizes at which
 * their arithmetic could go wrong are tried in Node, which is much quicker.
 */
export const isInBrowser = typeof window !== 'undefined'

/** In a browser the last of several sizes stands for all. */
export function sizesToTry<T>(sizes: readonly T[]): readonly T[] {
  return isInBrowser ? sizes.slice(-1) : sizes
}

let found: Promise<GPU | null> | null = null

/** WebGPU for tests: the browser's, or Dawn under Node with its globals installed; null where there is no adapter. */
export function gpuForTests(): Promise<GPU | null> {
  found ??= findGpu()
  return found
}

async function findGpu(): Promise<GPU | null> {
  try {
    const gpu = await openGpu()
    return (await gpu?.requestAdapter()) ? gpu : null
  } catch {
    return null
  }
}

async function openGpu(): Promise<GPU | null> {
  if (typeof process === 'undefined' || typeof window !== 'undefined') return navigator.gpu ?? null
  // Lavapipe looks for a socket in this directory and fails without one.
  process.env['XDG_RUNTIME_DIR'] ??= '/tmp'
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  const gpu = create([])
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true })
  return gpu
}

/**
 * Runs a suite on WebGPU, or on the CPU where there is no adapter: for what is long, and the same on both but for kernels
 * that other tests hold against each other.
 */
export async function describeOnFastest(
  name: string,
  suite: (device: () => EngineDevice) => void,
): Promise<void> {
  const gpu = await gpuForTests()
  describeOn(gpu === null ? 'cpu' : 'webgpu', gpu, name, suite)
}

/**
 * Runs a suite on the CPU and, where there is an adapter, on WebGPU. `device()` is valid inside tests; a skip says why
 * in the suite's name.
 */
export async function describeOnDevices(
  name: string,
  suite: (device: () => EngineDevice) => void,
): Promise<void> {
  describeOn('cpu', null, name, suite)
  const gpu = await gpuForTests()
  if (gpu === null)
    describe.skip(`${name} on webgpu: skipped, there is no WebGPU adapter`, () => suite(noDevice))
  else describeOn('webgpu', gpu, name, suite)
}

function describeOn(
  backend: 'cpu' | 'webgpu',
  gpu: GPU | null,
  name: string,
  suite: (device: () => EngineDevice) => void,
): void {
  describe(`${name} on ${backend}`, () => {
    let device: EngineDevice | null = null
    beforeAll(async () => {
      device = await createDevice({ backend, gpu })
    })
    // A program that does not compile runs nothing, and recycled buffers may hold just what the test expects.
    afterEach(async () => {
      await device?.sync()
      device?.throwIfFailed()
    })
    afterAll(() => device?.dispose())
    suite(() => device ?? noDevice())
  })
}

function noDevice(): never {
  throw new Error('describeOnDevices: the device exists only inside tests')
}
