import type { Tensor2D } from '../backend/tfjs.ts'
import { gelu, quickGelu, relu, reluSquared, silu } from '../kernels/activations/activations.ts'
import type { Bend } from '../kernels/linear/bends.ts'

const bends: Readonly<Record<Bend, (x: Tensor2D) => Tensor2D>> = {
  'gelu-tanh': (x) => gelu(x, 'tanh'),
  'gelu-exact': (x) => gelu(x, 'exact'),
  'quick-gelu': quickGelu,
  silu,
  relu,
  'relu-squared': reluSquared,
}

/** An activation that no product ends with. x [N, D]: [N, D]. */
export function bend(x: Tensor2D, kind: Bend): Tensor2D {
  return bends[kind](x)
}
