import { gather, reshape, type Tensor1D, type Tensor2D, type Tensor3D } from '../backend/tfjs.ts'

/**
 * One row of each of several sequences.
 * @param x [B * T, D]
 * @param row int32 [1], from 0 to T - 1
 * @returns [B, D]
 */
export function rowOfEach(x: Tensor2D, row: Tensor1D, batchSize: number): Tensor2D {
  const [rows, width] = x.shape
  const sequences: Tensor3D = reshape(x, [batchSize, rows / batchSize, width])
  return reshape(gather(sequences, row, 1), [batchSize, width])
}
