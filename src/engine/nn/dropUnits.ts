import type { Tensor2D } from '../backend/tfjs.ts'
import { dropout } from '../kernels/dropout/dropout.ts'
import type { DropoutDraw } from './dropoutSites.ts'

/** Dropout of x [N, D] where there is a draw, x itself where there is none. */
export function dropUnits(x: Tensor2D, draw: DropoutDraw | null): Tensor2D {
  return draw === null ? x : (dropout(x, draw) as Tensor2D)
}
