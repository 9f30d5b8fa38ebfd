import type { InferFields, Issue } from '../../core/schema.ts'
import type { Tensor2D } from '../backend/tfjs.ts'
import { tokenAndPositionEmbedding } from '../kernels/embedding/embedding.ts'
import { dense } from '../nn/dense.ts'
import { dropoutOf } from '../nn/dropoutSites.ts'
import { dropUnits } from '../nn/dropUnits.ts'
import { initsOf, spread } from '../nn/initialization.ts'
import { norm } from '../nn/norm.ts'
import { matrixOf, type ParameterSpec, type Weights } from '../nn/parameter.ts'
import { poolParameters, poolTokens } from '../nn/poolTokens.ts'
import { denseParameters, normParameters } from '../nn/transformerBlock.ts'
import { defineModel } from './defineModel.ts'
import { dualEncoderFields } from './dualEncoderFields.ts'
import { renamedInHub, type HubWeight } from './hubWeights.ts'
import type { InputOf, ModelOutput, PassSetting, SizesOf, Tokens } from './modelInputs.ts'
import { headIssues, positionIssues } from './transformer/headIssues.ts'
import {
  blocksInHub,
  imageTowerInHub,
  imageTowerIssues,
  imageTowerParameters,
  isTowerOfHub,
  runImageTower,
} from './transformer/imageTower.ts'
import { runStack, stackParameters, type Stack } from './transformer/stack.ts'
import { checkTokens, placeTable } from './transformer/tokenRows.ts'

/**
 * Two towers whose vectors are compared, as CLIP (Radford et al. 2021): a ViT for images, a transformer for texts, each with a
 * projection into a shared space. The temperature belongs to the loss.
 */
type DualEncoder = InferFields<typeof dualEncoderFields>

const image = 'image.'
const words = 'text.wte.weight'
const places = 'text.wpe.weight'
const finalNorm = 'text.ln_f'
const pool = 'text.pool.'
const projections = { image: 'image_projection', text: 'text_projection' } as const
/** After the first layer of a projection of two. */
const second = '_out'

function textStack({ text }: DualEncoder): Stack {
  const prefixOf = (layer: number) => `text.h.${layer}.`
  return { settings: text, prefixOf, isCausal: text.isCausal, memoryDim: null }
}

function check({ image: ofImages, text }: DualEncoder): Issue[] {
  const heads = headIssues(text)
  const ofText = heads.length > 0 ? heads : positionIssues(text.positions, text)
  const within = (part: string, issues: Issue[]) =>
    issues.map(({ path, message }): Issue => ({ path: [part, ...path], message }))
  return [...within('image', imageTowerIssues(ofImages)), ...within('text', ofText)]
}

function parameters(config: DualEncoder, sizes: SizesOf<'captionedImages'>): ParameterSpec[] {
  const { text } = config
  const { embedDim: width, seqLen, hasBias, initialization } = text
  const table = (name: string, rows: number): ParameterSpec => {
    return { name, shape: [rows, width], kind: 'embedding', init: spread }
  }
  const { matrix: init } = initsOf(initialization, 2 * text.numLayers)
  return [
    ...imageTowerParameters(config.image, sizes.image, image),
    ...projectionParameters(config, projections.image, config.image.embedDim),
    table(words, sizes.text.vocabSize),
    ...(text.positions === 'learned' ? [table(places, seqLen)] : []),
    ...stackParameters(textStack(config)),
    ...(text.normPlace === 'pre' ? normParameters(finalNorm, width, text) : []),
    ...(text.pooling === 'attention' ? poolParameters(pool, width, { init, hasBias }) : []),
    ...projectionParameters(config, projections.text, width),
  ]
}

function projectionParameters(
  { projection, projectionDim: to }: DualEncoder,
  name: string,
  from: number,
): ParameterSpec[] {
  const first = { init: { kind: 'normal', standardDeviation: from ** -0.5 }, hasBias: false } as const
  if (projection === 'linear') return denseParameters(name, [from, to], first)
  const init = { kind: 'normal', standardDeviation: to ** -0.5 } as const
  return [
    ...denseParameters(name, [from, to], { ...first, hasBias: true }),
    ...denseParameters(`${name}${second}`, [to, to], { init, hasBias: true }),
  ]
}

function project({ projection }: DualEncoder, weights: Weights, name: string, x: Tensor2D): Tensor2D {
  if (projection === 'linear') return dense(x, weights, name)
  return dense(dense(x, weights, name, { activation: 'gelu-exact' }), weights, `${name}${second}`)
}

/** [B, D] */
function readText(config: DualEncoder, weights: Weights, tokens: Tokens, pass: PassSetting): Tensor2D {
  const { text } = config
  const { batchSize, mask, ids, seqLen } = tokens
  checkTokens('Dual encoder', tokens, text.seqLen)
  const sum = tokenAndPositionEmbedding(
    matrixOf(weights, words),
    placeTable(text, weights, places),
    ids,
    seqLen,
  )
  const x = dropUnits(sum, pass.drawAt('text.embedding', text.dropoutRate))
  const last = runStack(x, weights, textStack(config), { batchSize, keyMask: mask, memory: null, ...pass })
  const { norm: kind, normEpsilon: epsilon, normPlace, pooling, numHeads, dropoutRate } = text
  const rows = normPlace === 'pre' ? norm(last, weights, { name: finalNorm, kind, epsilon }) : last
  const dropoutAt = dropoutOf(pass.drawAt, dropoutRate)
  return poolTokens(rows, weights, { pooling, name: pool, batchSize, numHeads, mask, dropoutAt })
}

function forward(
  config: DualEncoder,
  weights: Weights,
  input: InputOf<'captionedImages'>,
  pass: PassSetting,
): ModelOutput {
  const { pooled } = runImageTower(config.image, weights, { ...input.image, prefix: image, pass })
  const a = project(config, weights, projections.image, pooled)
  const b = project(config, weights, projections.text, readText(config, weights, input.text, pass))
  return { pair: { a, b } }
}

const clipBlock = {
  query: 'self_attn.q_proj',
  key: 'self_attn.k_proj',
  value: 'self_attn.v_proj',
  output: 'self_attn.out_proj',
  up: 'mlp.fc1',
  down: 'mlp.fc2',
  normBefore: 'layer_norm1',
  normAfter: 'layer_norm2',
} as const

/** CLIPModel. */
function hubTable(config: DualEncoder, sizes: SizesOf<'captionedImages'>): HubWeight[] | null {
  const { image: tower, text, projection, projectionDim } = config
  const isClip =
    isTowerOfHub(tower) &&
    tower.hasInputNorm &&
    !tower.hasPatchBias &&
    isTowerOfHub({ ...tower, ...text, pooling: 'class-token', positions: 'learned' }) &&
    text.positions === 'learned' &&
    text.isCausal &&
    text.pooling === 'last-token' &&
    projection === 'linear'
  if (!isClip) return null
  const own = 'vision_model.embeddings.'
  const project = (name: string, from: number, hubName: string): HubWeight => ({
    name: `${name}.weight`,
    shape: [from, projectionDim],
    hub: [{ name: `${hubName}.weight`, shape: [projectionDim, from] }],
    layout: 'linear',
  })
  const table = (name: string, rows: number, hubName: string) =>
    renamedInHub(name, [rows, text.embedDim], `text_model.embeddings.${hubName}_embedding.weight`)
  return [
    ...imageTowerInHub(tower, sizes.image, {
      prefix: image,
      names: {
        classToken: `${own}class_embedding`,
        classTokenShape: [tower.embedDim],
        positions: `${own}position_embedding.weight`,
        arePositionsBatched: false,
        projection: `${own}patch_embedding`,
        inputNorm: 'vision_model.pre_layrnorm',
        finalNorm: 'vision_model.post_layernorm',
      },
    }),
    ...blocksInHub(tower, {
      prefix: image,
      hubPrefix: (layer) => `vision_model.encoder.layers.${layer}.`,
      names: clipBlock,
    }),
    project(projections.image, tower.embedDim, 'visual_projection'),
    table(words, sizes.text.vocabSize, 'token'),
    table(places, text.seqLen, 'position'),
    ...blocksInHub(text, {
      prefix: 'text.',
      hubPrefix: (layer) => `text_model.encoder.layers.${layer}.`,
      names: clipBlock,
    }),
    ...['weight', 'bias'].map((part) =>
      renamedInHub(`${finalNorm}.${part}`, [text.embedDim], `text_model.final_layer_norm.${part}`),
    ),
    project(projections.text, text.embedDim, 'text_projection'),
  ]
}

/** null for numbers of places, and for the temperature, which belongs to the loss. */
function importName(name: string): string | null {
  return /(^|\.)position_ids$|^logit_scale$/.test(name) ? null : name
}

export default defineModel({
  id: 'dual-encoder',
  title: 'Dual encoder',
  summary: 'Two transformers that bring images and texts into one space, to find the one by the other.',
  link: 'https://arxiv.org/abs/2103.00020',
  accepts: 'captionedImages',
  fields: dualEncoderFields,
  tiny: {
    image: { numLayers: 1, numHeads: 2, embedDim: 16, patchSize: 8 },
    text: { numLayers: 1, numHeads: 2, embedDim: 16, seqLen: 8 },
    projectionDim: 8,
  },
  seqLen: ({ text }) => text.seqLen,
  check,
  parameters,
  forward,
  hubTable,
  importName,
})
