import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import type { DropoutOptions } from '../dropout/dropout.ts'
import { masked } from '../dropout/dropoutKernel.ts'
import { gradientOutput } from '../gradientOutput.ts'
import type { Epilogue } from '../matmul/epilogue.ts'
import { matmul } from '../matmul/matmul.ts'

/** A weight [in, out] with its bias [out]: the tensors that get the gradients. */
export interface Layer {
  readonly weight: Tensor2D
  readonly bias: Tensor1D | null
}

export interface LayerGradients {
  weight: Tensor2D
  bias: Tensor1D | null
}

/** xᵀ · dy and, in the same dispatch, the column sums of dy. */
export function layerGradients(backend: LabBackend, x: Tensor2D, dy: Tensor2D, layer: Layer): LayerGradients {
  const output = gradientOutput(backend, layer.weight)
  const bias = layer.bias === null ? null : gradientOutput(backend, layer.bias)
  const columnSums = bias === null ? {} : { columnSums: bias }
  const weight = matmul(backend, { a: x, b: dy, isATransposed: true, output, ...columnSums })
  return { weight, bias }
}

/** dy · weightᵀ with what follows it. */
export function inputGradient(
  backend: LabBackend,
  dy: Tensor2D,
  weight: Tensor2D,
  { epilogue = {}, output }: { epilogue?: Partial<Epilogue>; output?: Tensor2D } = {},
): Tensor2D {
  return matmul(backend, { a: dy, b: weight, isBTransposed: true, epilogue, ...(output && { output }) })
}

/** dy before dropout. The caller disposes it where it is not dy itself. */
export function undropped(backend: LabBackend, dy: Tensor2D, dropout: DropoutOptions | null): Tensor2D {
  return dropout === null ? dy : (masked(backend, dy, dropout) as Tensor2D)
}
