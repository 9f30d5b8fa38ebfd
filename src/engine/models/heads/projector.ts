import { add, div, matMul, mean, relu, sqrt, square, sub, type Tensor2D } from '../../backend/tfjs.ts'
import { l2Normalize } from '../../kernels/l2Normalize/l2Normalize.ts'
import { dense } from '../../nn/dense.ts'
import type { ParameterSpec, Weights } from '../../nn/parameter.ts'
import { denseParameters } from '../../nn/transformerBlock.ts'
import type { Head, ModelOutput, ProjectionHead } from '../modelInputs.ts'

/** Names of weights; the model's own names do not begin so. */
const projector = 'projector'
const predictor = 'predictor'
const prototypes = 'prototypes.weight'

/** Initialisation by fan-in keeps what a loss compares apart from the start: with 0.02, all images would look the same. */
const init = { kind: 'kaiming-uniform' } as const

/**
 * Two layers with a ReLU between, its input standardised over the batch (SimCLR, Chen et al. 2020), where asked for two more that predict (BYOL, Grill et al. 2020)
 * and prototypes (SwAV, Caron et al. 2020); nothing for a head of another kind.
 */
export function projectorParameters(width: number, head: Head | ProjectionHead): ParameterSpec[] {
  if (head.kind !== 'projection') return []
  const { hiddenDim, dim } = head
  const layers = (name: string, from: number) => [
    ...denseParameters(`${name}.in`, [from, hiddenDim], { init, hasBias: true }),
    ...denseParameters(`${name}.out`, [hiddenDim, dim], { init, hasBias: true }),
  ]
  return [
    ...layers(projector, width),
    ...(head.hasPredictor ? layers(predictor, dim) : []),
    ...(head.prototypes > 0
      ? [{ name: prototypes, shape: [head.prototypes, dim], kind: 'matrix', init } as const]
      : []),
  ]
}

/** Least variance that is divided by, as PyTorch's BatchNorm1d. */
const epsilon = 1e-5

/**
 * Each feature of [B, H] with mean 0 and variance 1 over the batch (Ioffe and Szegedy 2015, without gain, offset and running
 * averages: nobody looks through this head after training). Without it, BYOL and SimSiam find that one answer for
 * everything is right (measured: docs/results.md).
 */
function standardised(x: Tensor2D): Tensor2D {
  const centred = sub(x, mean(x, 0, true))
  return div(centred, sqrt(add(mean(square(centred), 0, true), epsilon)))
}

/** What the head makes of vectors of items [B, D]: each part where the model has it. */
export function projected(pooled: Tensor2D, weights: Weights): Pick<ModelOutput, 'projection'> {
  if (weights.get(`${projector}.in.weight`) === undefined) return {}
  const through = (x: Tensor2D, name: string) =>
    dense(relu(standardised(dense(x, weights, `${name}.in`))), weights, `${name}.out`)
  const vectors = through(pooled, projector)
  const table = weights.get(prototypes) as Tensor2D | undefined
  return {
    projection: {
      vectors,
      predicted: weights.get(`${predictor}.in.weight`) === undefined ? null : through(vectors, predictor),
      scores: table === undefined ? null : matMul(l2Normalize(vectors), l2Normalize(table), false, true),
    },
  }
}
