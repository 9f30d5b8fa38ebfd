import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { bindings, constants, elementGrid, forEachElement, newTensor, units } from '../wgsl.ts'
import meanBody from './mean.wgsl?raw'
import spreadBody from './spread.wgsl?raw'

/** One dispatch forward and one backward. Kept: the mask. */
export function fusedMeanTokens(
  backend: LabBackend,
  x: Tensor2D,
  batchSize: number,
  mask: Tensor2D | null,
): Tensor2D {
  const [rows, width] = x.shape
  const tokens = rows / batchSize
  const { type, count, text } = units(width)
  const key = `${tokens} ${width}${mask ? ' masked' : ''}`
  const head = text + constants({ TOKENS: tokens })
  const counts = `fn counts_at(row: u32) -> bool { return ${mask ? 'mask[row] != 0' : 'true'}; }\n`
  const ofMask: Record<string, string> = mask ? { mask: 'i32' } : {}
  const [value] = customGradients([x], (save) => {
    const y = newTensor<tf.Rank.R2>(backend, [batchSize, width])
    backend.dispatch({
      key: `meanTokens ${key}`,
      wgsl: () =>
        head +
        bindings({ y: type }, { x: type, ...ofMask }) +
        counts +
        meanBody +
        forEachElement('arrayLength(&y)'),
      writes: [y],
      reads: mask ? [x, mask] : [x],
      grid: elementGrid(backend, batchSize * count),
    })
    if (mask) save([mask])
    const gradFunc = ([dy]: Tensor[], [savedMask]: Tensor[]): Tensor[] => {
      const dx = newTensor<tf.Rank.R2>(backend, [rows, width])
      backend.dispatch({
        key: `meanTokens backward ${key}`,
        wgsl: () =>
          head +
          bindings({ dx: type }, { dy: type, ...ofMask }) +
          counts +
          spreadBody +
          forEachElement('arrayLength(&dx)'),
        writes: [dx],
        reads: savedMask ? [dy!, savedMask] : [dy!],
        grid: elementGrid(backend, rows * count),
      })
      return [dx]
    }
    return { values: [y], gradFunc }
  })
  return value as Tensor2D
}
