import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { newTensor } from '../wgsl.ts'
import { type MatmulShape, type MatmulTile, matmulWgsl } from './matmulWgsl.ts'

export interface Factors {
  /** `a` is stored as [K, M]. */
  isATransposed: boolean
  /** `b` is stored as [N, K]. */
  isBTransposed: boolean
}

/**
 * op(a) · op(b) + bias, without a gradient: tfjs's product on hardware, registers alone on software adapters, where
 * barriers are slow. A fixed order of sums either way.
 * @param a [M, K] or its transpose
 * @param b [K, N] or its transpose
 * @param bias [N] or null
 * @returns [M, N]
 */
export function matmul(
  a: Tensor2D,
  b: Tensor2D,
  { isATransposed, isBTransposed }: Factors,
  bias: Tensor1D | null = null,
): Tensor2D {
  const backend = softwareBackend(a, b)
  if (backend !== null) {
    const [inner, rows] = isATransposed ? a.shape : [a.shape[1], a.shape[0]]
    const columns = b.shape[isBTransposed ? 0 : 1]
    const shape = { rows, columns, inner, isATransposed, isBTransposed, hasBias: bias !== null }
    const y = registerMatmul(backend, a, b, bias, shape)
    if (y !== null) return y
  }
  if (bias === null) return tf.matMul(a, b, isATransposed, isBTransposed)
  return tf.fused.matMul({ a, b, transposeA: isATransposed, transposeB: isBTransposed, bias }) as Tensor2D
}

/** The backend where {@link matmul} is the program of this folder, or null. */
export function softwareBackend(a: Tensor2D, b: Tensor2D): LabBackend | null {
  const backend = fusedBackend(a, b)
  return backend?.isSoftware === true ? backend : null
}

/** null where the outputs need more workgroups than one dispatch has. */
function registerMatmul(
  backend: LabBackend,
  a: Tensor2D,
  b: Tensor2D,
  bias: Tensor1D | null,
  shape: MatmulShape,
): Tensor2D | null {
  const tile = tileFor(backend, shape)
  const x = Math.ceil(shape.columns / (tile.columns * tile.threads[0]))
  const y = Math.ceil(shape.rows / (tile.rows * tile.threads[1]))
  if (Math.max(x, y) > backend.device.limits.maxComputeWorkgroupsPerDimension) return null
  const product = newTensor<tf.Rank.R2>(backend, [shape.rows, shape.columns])
  backend.dispatch({
    key: `matmul ${Object.values(shape).join(' ')} ${tile.rows} ${tile.columns} ${tile.threads.join(' ')}`,
    wgsl: () => matmulWgsl(shape, tile),
    writes: [product],
    reads: bias === null ? [a, b] : [a, b, bias],
    grid: [x, y, 1],
  })
  return product
}

/** 64 threads a workgroup, fewer of them in x where there are few columns. Wide blocks take twice as long to compile. */
function tileFor(backend: LabBackend, { columns }: MatmulShape): MatmulTile {
  const width = columns % 8 === 0 && !backend.isSlowToCompile ? 8 : 4
  const blocks = Math.ceil(columns / width)
  const x = Math.min(16, 2 ** Math.ceil(Math.log2(blocks)))
  return { rows: 4, columns: width, threads: [x, 64 / x] }
}
