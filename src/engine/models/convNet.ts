import { ShapeError } from '../../core/errors.ts'
import type { InferFields } from '../../core/schema.ts'
import { add, reshape, type Tensor2D, type Tensor4D } from '../backend/tfjs.ts'
import { conv2d, plainConv } from '../kernels/conv2d/conv2d.ts'
import { dropPath } from '../kernels/dropout/dropPath.ts'
import { meanTokens } from '../kernels/tokenPooling/meanTokens.ts'
import { bend } from '../nn/bend.ts'
import { dropUnits } from '../nn/dropUnits.ts'
import { zeroInit } from '../nn/initialization.ts'
import { norm } from '../nn/norm.ts'
import { vectorOf, type ParameterSpec, type Weights } from '../nn/parameter.ts'
import { dropPathRateAt, normParameters } from '../nn/transformerBlock.ts'
import { convNetFields } from './convNetFields.ts'
import { defineModel } from './defineModel.ts'
import { classHeadParameters, withClassScores } from './heads/classHead.ts'
import { projected, projectorParameters } from './heads/projector.ts'
import type { InputOf, ModelOutput, PassSetting, SizesOf } from './modelInputs.ts'

/**
 * A convolutional network in stages, as ResNet (He et al. 2016): a stem, then blocks of two 3 x 3 convolutions with what went
 * in added to what comes out, and a step of two pixels between stages; the mean over pixels at the end. Norms are of the
 * channels of a pixel (as ConvNeXt, Liu et al. 2022), not of the batch.
 */
type ConvNet = InferFields<typeof convNetFields>

const kernelSize = 3
const head = 'classes'

interface Layer {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly stride: number
}

const stageName = (stage: number) => (stage === 0 ? 'stem' : `stages.${stage}.down`)
const blockName = (stage: number, block: number) => `stages.${stage}.blocks.${block}`

/** Convolutions that begin a stage. */
function opening({ widths, stemStride }: ConvNet, stage: number, channels: number): Layer {
  return {
    name: stageName(stage),
    from: stage === 0 ? channels : widths[stage - 1]!,
    to: widths[stage]!,
    stride: stage === 0 ? stemStride : 2,
  }
}

function blockLayers(width: number, name: string): [Layer, Layer] {
  const own = (part: string): Layer => ({ name: `${name}.${part}`, from: width, to: width, stride: 1 })
  return [own('conv_1'), own('conv_2')]
}

/** Every convolution in order. */
function layersOf(config: ConvNet, channels: number): Layer[] {
  return config.widths.flatMap((width, stage) => [
    opening(config, stage, channels),
    ...Array.from({ length: config.blocksPerStage }, (_, block) =>
      blockLayers(width, blockName(stage, block)),
    ).flat(),
  ])
}

function parameters(config: ConvNet, { channels, head: scored }: SizesOf<'images'>): ParameterSpec[] {
  const { norm: kind, hasBias, initialization, widths } = config
  return [
    ...layersOf(config, channels).flatMap(({ name, from, to }): ParameterSpec[] => [
      {
        name: `${name}.weight`,
        shape: [kernelSize, kernelSize, from, to],
        kind: 'matrix',
        init: { kind: initialization },
      },
      ...(hasBias ? [{ name: `${name}.bias`, shape: [to], kind: 'vector', init: zeroInit } as const] : []),
      ...(kind === 'none' ? [] : normParameters(`${name}.norm`, to, { norm: kind, hasBias })),
    ]),
    ...classHeadParameters(head, widths.at(-1)!, scored),
    ...projectorParameters(widths.at(-1)!, scored),
  ]
}

/** Convolution and norm, and a bend where it is wanted: in the convolution's own dispatch where there is no norm. */
function convolve(
  config: ConvNet,
  weights: Weights,
  x: Tensor4D,
  { name, stride, isBent }: Pick<Layer, 'name' | 'stride'> & { isBent: boolean },
): Tensor4D {
  const { norm: kind, normEpsilon: epsilon, activation } = config
  const weight = weights.get(`${name}.weight`) as Tensor4D
  const isPlain = kind === 'none'
  const y = conv2d(x, weight, vectorOf(weights, `${name}.bias`), {
    ...plainConv,
    stride: [stride, stride],
    padding: { top: 1, bottom: 1, left: 1, right: 1 },
    activation: isPlain && isBent ? activation : null,
  })
  if (isPlain) return y
  const calm = norm(rowsOf(y), weights, { name: `${name}.norm`, kind, epsilon })
  return reshape(isBent ? bend(calm, activation) : calm, y.shape)
}

/** One row a pixel: [B * height * width, C]. */
function rowsOf(x: Tensor4D): Tensor2D {
  return reshape(x, [-1, x.shape[3]])
}

function forward(
  config: ConvNet,
  weights: Weights,
  { pixels }: InputOf<'images'>,
  { drawAt }: PassSetting,
): ModelOutput {
  const { widths, blocksPerStage, activation, hasResidual, dropPathRate, dropoutRate } = config
  const [batchSize, height, width, channels] = pixels.shape
  if (height < 1 || width < 1) {
    throw new ShapeError(`ConvNet: images must have pixels, got ${height} x ${width}`, { code: 'image-size' })
  }
  let x = pixels
  widths.forEach((_, stage) => {
    x = convolve(config, weights, x, { ...opening(config, stage, channels), isBent: true })
    for (let block = 0; block < blocksPerStage; block++) {
      const name = blockName(stage, block)
      const [first, second] = blockLayers(widths[stage]!, name)
      const middle = convolve(config, weights, x, { ...first, isBent: true })
      const y = rowsOf(convolve(config, weights, middle, { ...second, isBent: false }))
      const at = stage * blocksPerStage + block
      const draw = drawAt(`${name}.path`, dropPathRateAt(dropPathRate, at, widths.length * blocksPerStage))
      const sum = !hasResidual
        ? y
        : draw === null
          ? add<Tensor2D>(y, rowsOf(x))
          : dropPath({ x: y, residual: rowsOf(x), batchSize }, draw)
      x = reshape(bend(sum, activation), x.shape)
    }
  })
  const rows = rowsOf(x)
  const pooled = meanTokens(rows, batchSize, null)
  const kept = dropUnits(pooled, drawAt(head, dropoutRate))
  return { rows, ...withClassScores(kept, weights, head), ...projected(kept, weights), pooled }
}

export default defineModel({
  id: 'conv-net',
  title: 'ConvNet',
  summary: 'Convolutions in stages, each at half the size of the one before: quick to learn from few images.',
  link: 'https://arxiv.org/abs/1512.03385',
  accepts: 'images',
  hasBlocks: false,
  fields: convNetFields,
  tiny: { widths: [6, 8], stemStride: 4 },
  parameters,
  forward,
})
