import type { StoredType } from '../../backend/storedType.ts'
import { mul, type Tensor, type Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { attention, plainAttention } from '../attention/attention.ts'
import { feedForward } from '../feedForward/feedForward.ts'
import { normFork } from '../layerNorm/normFork.ts'
import { linear } from '../linear/linear.ts'
import { rmsNorm } from '../rmsNorm/rmsNorm.ts'

/** A block of a transformer that stores what lies between its kernels so. */
function block(stored: StoredType, numHeads: number): (...inputs: Tensor[]) => Tensor {
  const bare = (weight: Tensor): { weight: Tensor2D; bias: null } => ({
    weight: mul(weight, weight.shape[0]! ** -0.5),
    bias: null,
  })
  return (x, toHeads, fromHeads, up, down) => {
    const fork = { kind: 'layer-norm', epsilon: 1e-5, stored } as const
    const [stream, rows] = normFork(x as Tensor2D, null, null, fork)
    const qkv = linear(rows, bare(toHeads!).weight, null)
    const sizes = { batchSize: 1, numHeads, numKeyHeads: numHeads, isCausal: true }
    const mixed = attention({ qkv }, { ...plainAttention, ...sizes })
    const middle = linear(mixed, bare(fromHeads!).weight, null, { residual: stream })
    const layers = { up: bare(up!), down: bare(down!), gate: null }
    const choice = { activation: 'gelu-tanh', residual: middle, dropout: null } as const
    return feedForward(rmsNorm(middle, null, 1e-5, stored), layers, choice)
  }
}

/** Mixed precision: it is refused where this is wrong, or a kernel that it needs. */
export default defineSelfTest({
  id: 'half',
  restsOn: ['matmul', 'layerNorm', 'rmsNorm', 'linear', 'feedForward', 'attention'],
  cases: ({ rows, width, columns }) => [
    {
      name: 'what lies between the kernels of a block as f16, where the adapter has it',
      tolerance: 2 ** -8,
      compute: (backend) => {
        const hasHalf = backend?.device.features.has('shader-f16') ?? false
        const shapes = [
          [rows, width],
          [width, 3 * width],
          [width, width],
          [width, columns],
          [columns, width],
        ]
        return valueAndGradients(shapes, block(hasHalf ? 'f16' : 'f32', width % 3 === 0 ? 3 : 1))
      },
    },
  ],
})
