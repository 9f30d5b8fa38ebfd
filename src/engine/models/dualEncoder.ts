import type { InferFields, Issue } from '../../core/schema.ts'
import type { Tensor2D } from '../backend/tfjs.ts'
import { dense } from '../nn/dense.ts'
import type { ParameterSpec, Weights } from '../nn/parameter.ts'
import { denseParameters } from '../nn/transformerBlock.ts'
import { defineModel } from './defineModel.ts'
import { dualEncoderFields } from './dualEncoderFields.ts'
import { clipInHub } from './hub/clipInHub.ts'
import { renamedInHub, type HubWeight } from './hubWeights.ts'
import type { InputOf, ModelOutput, PassSetting, SizesOf } from './modelInputs.ts'
import {
  blocksInHub,
  imageTowerInHub,
  imageTowerIssues,
  imageTowerParameters,
  runImageTower,
} from './transformer/imageTower.ts'
import { runTextTower, textNames, textTowerIssues, textTowerParameters } from './transformer/textTower.ts'

/**
 * Two towers whose vectors are compared, as CLIP (Radford et al. 2021): a ViT for images, a transformer for texts, each with a
 * projection into a shared space. The temperature belongs to the loss.
 */
type DualEncoder = InferFields<typeof dualEncoderFields>

const image = 'image.'
const text = 'text.'
const projections = { image: 'image_projection', text: 'text_projection' } as const
/** After the first layer of a projection of two. */
const second = '_out'

function check({ image: ofImages, text: ofTexts }: DualEncoder): Issue[] {
  const within = (part: string, issues: Issue[]) =>
    issues.map(({ path, message }): Issue => ({ path: [part, ...path], message }))
  return [...within('image', imageTowerIssues(ofImages)), ...within('text', textTowerIssues(ofTexts))]
}

function parameters(config: DualEncoder, sizes: SizesOf<'captionedImages'>): ParameterSpec[] {
  return [
    ...imageTowerParameters(config.image, sizes.image, image),
    ...projectionParameters(config, projections.image, config.image.embedDim),
    ...textTowerParameters(config.text, sizes.text, text),
    ...projectionParameters(config, projections.text, config.text.embedDim),
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

function forward(
  config: DualEncoder,
  weights: Weights,
  input: InputOf<'captionedImages'>,
  pass: PassSetting,
): ModelOutput {
  const images = runImageTower(config.image, weights, { ...input.image, prefix: image, pass })
  const texts = runTextTower(config.text, weights, { tokens: input.text, prefix: text, pass })
  const a = project(config, weights, projections.image, images.pooled)
  const b = project(config, weights, projections.text, texts.pooled)
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
function hubTable(config: DualEncoder, sizes: SizesOf<'captionedImages'>): HubWeight[] {
  const { image: tower, text: texts, projectionDim } = config
  const names = textNames(text)
  const own = 'vision_model.embeddings.'
  const project = (name: string, from: number, hubName: string): HubWeight => ({
    name: `${name}.weight`,
    shape: [from, projectionDim],
    hub: [{ name: `${hubName}.weight`, shape: [projectionDim, from] }],
    layout: 'linear',
  })
  const table = (name: string, rows: number, hubName: string) =>
    renamedInHub(name, [rows, texts.embedDim], `text_model.embeddings.${hubName}_embedding.weight`)
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
    table(names.words, sizes.text.vocabSize, 'token'),
    table(names.places, texts.seqLen, 'position'),
    ...blocksInHub(texts, {
      prefix: text,
      hubPrefix: (layer) => `text_model.encoder.layers.${layer}.`,
      names: clipBlock,
    }),
    ...['weight', 'bias'].map((part) =>
      renamedInHub(`${names.finalNorm}.${part}`, [texts.embedDim], `text_model.final_layer_norm.${part}`),
    ),
    project(projections.text, texts.embedDim, 'text_projection'),
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
  towers: ['image.', 'text.'],
  fields: dualEncoderFields,
  tiny: {
    image: { numLayers: 1, numHeads: 2, embedDim: 16, patchSize: 8 },
    text: { numLayers: 1, numHeads: 2, embedDim: 16, seqLen: 8 },
    projectionDim: 8,
  },
  imageUnit: ({ image: { patchSize } }) => patchSize,
  seqLen: ({ text: texts }) => texts.seqLen,
  check,
  parameters,
  forward,
  hub: { ...clipInHub, table: hubTable },
  importName,
})
