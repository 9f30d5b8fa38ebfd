import type { InferFields } from '../../core/schema.ts'
import type { Tensor2D } from '../backend/tfjs.ts'
import { dense } from '../nn/dense.ts'
import { forkNorm, norm, type NormOptions } from '../nn/norm.ts'
import type { ParameterSpec, Weights } from '../nn/parameter.ts'
import { denseParameters, normParameters } from '../nn/transformerBlock.ts'
import { defineModel } from './defineModel.ts'
import { classHeadParameters, withClassScores } from './heads/classHead.ts'
import { mlpFields } from './mlpFields.ts'
import type { InputOf, ModelOutput, PassSetting, SizesOf } from './modelInputs.ts'

/**
 * A multi-layer perceptron (Rumelhart et al. 1986): hidden layers dropout(bend(x W + b)), then a head. With norms, what a
 * hidden layer gives is normalised before the next layer or the head reads it; with residuals it is added up before that.
 */
type Mlp = InferFields<typeof mlpFields>

const layerName = (layer: number) => `layers.${layer}`
const head = 'head'

function widthsOf({ hidden }: Mlp): readonly number[] {
  return hidden.shape === 'list' ? hidden.widths : Array.from({ length: hidden.depth }, () => hidden.width)
}

/** Of what layer `layer` gives; null where there are no norms. */
function normOf({ norm: kind, normEpsilon: epsilon }: Mlp, layer: number): NormOptions | null {
  return kind === 'none' ? null : { name: `${layerName(layer)}.norm`, kind, epsilon }
}

function parameters(config: Mlp, { numFeatures, head: scored }: SizesOf<'features'>): ParameterSpec[] {
  const { hasBias, initialization } = config
  const widths = widthsOf(config)
  const layers = widths.flatMap((width, layer) => {
    const from = layer === 0 ? numFeatures : widths[layer - 1]!
    const calm = normOf(config, layer)
    return [
      ...denseParameters(layerName(layer), [from, width], { init: { kind: initialization }, hasBias }),
      ...(calm ? normParameters(calm.name, width, { norm: calm.kind, hasBias }) : []),
    ]
  })
  return [...layers, ...classHeadParameters(head, widths.at(-1)!, scored)]
}

function forward(
  config: Mlp,
  weights: Weights,
  { rows }: InputOf<'features'>,
  { drawAt }: PassSetting,
): ModelOutput {
  const { activation, dropoutRate, hasResidual } = config
  const widths = widthsOf(config)
  let x: Tensor2D = rows // [B, F], then [B, width]
  widths.forEach((width, layer) => {
    const name = layerName(layer)
    const isAdded = hasResidual && layer > 0 && widths[layer - 1] === width
    const [stream, calm] = split(x, weights, layer === 0 ? null : normOf(config, layer - 1))
    const residual = isAdded ? stream : null
    x = dense(calm, weights, name, { activation, dropout: drawAt(name, dropoutRate), residual })
  })
  const last = normOf(config, widths.length - 1)
  return withClassScores(last ? norm(x, weights, last) : x, weights, head)
}

/** What is added later, and what the next layer reads. */
function split(x: Tensor2D, weights: Weights, calm: NormOptions | null): readonly [Tensor2D, Tensor2D] {
  return calm ? forkNorm(x, weights, calm) : [x, x]
}

export default defineModel({
  id: 'mlp',
  title: 'MLP',
  summary: 'Fully connected layers one after the other, for rows of a table and for vectors of other models.',
  link: 'https://doi.org/10.1038/323533a0',
  accepts: 'features',
  hasBlocks: false,
  fields: mlpFields,
  tiny: { hidden: { shape: 'even', width: 16, depth: 1 } },
  parameters,
  forward,
})
