import { LabBackend } from '../backend/labBackend.ts'
import {
  backend as currentBackend,
  keep,
  reshape,
  slice,
  zeros,
  type Tensor1D,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { createDeviceFunction } from '../graph/deviceFunction.ts'
import { Workspace } from '../graph/workspace.ts'
import { silu } from '../kernels/activations/activations.ts'
import { matmul } from '../kernels/matmul/matmul.ts'
import type { DevicePeaks } from './types.ts'

const known = new WeakMap<LabBackend, DevicePeaks>()
/** Of the matrices: a rasteriser is full at once, a GPU only with more workgroups than it holds. */
const sides = { software: 512, hardware: 2048 }
const rounds = 3

/**
 * The best rates that the engine's own kernels reach on this device: a product of two square matrices, and an activation of 4 million numbers, which does little but read and write. Measured once a device, in a second or less on
 * software. null on the CPU, and where the adapter has no timestamps.
 */
export async function measureDevicePeaks(): Promise<DevicePeaks | null> {
  const backend = currentBackend()
  if (!(backend instanceof LabBackend)) return null
  const cached = known.get(backend)
  if (cached) return cached
  const side = backend.isSoftware ? sides.software : sides.hardware
  const matrix = keep(zeros([side, side])) as Tensor2D
  const long = keep(zeros([4 * 2 ** 20]))
  const workspace = new Workspace(backend)
  const one = { length: 1, dtype: 'float32' } as const
  const compute = createDeviceFunction({
    feeds: { unused: one },
    workspace,
    isEager: false,
    run: (): Tensor1D => {
      const product = matmul(backend, { a: matrix, b: matrix })
      const bent = silu(long)
      return reshape(slice(product, [0, 0], [1, 1]).add(slice(bent, 0, 1)), [1])
    },
  })
  // They must lie on the device before the recording.
  for (const tensor of [matrix, long]) backend.rangeOf(tensor)
  backend.flush()
  try {
    let [flopsPerSecond, bytesPerSecond] = [0, 0]
    for (let round = 0; round < rounds; round++) {
      const { pending, times } = compute.callTimed({ unused: new Float32Array(1) }, 0)
      pending.discard()
      const [product, bend] = (await times) ?? []
      if (product === undefined || bend === undefined || product.durationMs === 0 || bend.durationMs === 0)
        return null
      flopsPerSecond = Math.max(flopsPerSecond, (2 * side ** 3 * 1000) / product.durationMs)
      bytesPerSecond = Math.max(bytesPerSecond, (bend.bytes * 1000) / bend.durationMs)
    }
    const peaks = { flopsPerSecond, bytesPerSecond }
    known.set(backend, peaks)
    return peaks
  } finally {
    compute.dispose()
    workspace.dispose()
    matrix.dispose()
    long.dispose()
    // Else tfjs's pool would keep them.
    backend.trim()
  }
}
