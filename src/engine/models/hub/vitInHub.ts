import type { InferFields } from '../../../core/schema.ts'
import type { SizesOf } from '../modelInputs.ts'
import { hiddenDimOf } from '../transformer/stack.ts'
import type { imageTowerFields } from '../transformer/imageTowerFields.ts'
import {
  blockMisfits,
  hubActivations,
  misfitsOf,
  placeholderClasses,
  type HubArchitecture,
} from './hubArchitecture.ts'
import type { HubFile } from './hubFile.ts'

type ImageTower = InferFields<typeof imageTowerFields>

/** What towers of images of ViT and CLIP cannot have. */
export function imageTowerMisfits(tower: ImageTower, path: readonly string[]) {
  const can = { pooling: ['class-token'], positions: ['learned'], numRegisters: [0] }
  return [...misfitsOf(tower, can, path), ...blockMisfits(tower, 'pre', path)]
}

/** What tells sizes of a tower of images, by name. */
interface TowerTensors {
  readonly projection: string
  readonly positions: string
  readonly blocks: string
  /** After the number of the block. */
  readonly up: string
}

const tensors: TowerTensors = {
  projection: 'vit.embeddings.patch_embeddings.projection.weight',
  positions: 'vit.embeddings.position_embeddings',
  blocks: 'vit.encoder.layer.',
  up: '.intermediate.dense.weight',
}

/** Settings that ViT's tower and CLIP's have in common. */
export function imageTowerSettings(file: HubFile, { projection, blocks, up }: TowerTensors) {
  const embedDim = file.size(projection, 0)
  return {
    embedDim,
    patchSize: file.size(projection, 2),
    numLayers: file.layers(blocks),
    numHeads: file.heads('num_attention_heads', embedDim),
    mlpRatio: file.size(`${blocks}0${up}`, 0) / embedDim,
  }
}

/** Learned places are those of a square, and one of the class token. */
export function imagesOfTower(file: HubFile, { projection, positions }: TowerTensors) {
  const side = Math.floor(Math.sqrt(file.size(positions, -2) - 1))
  return { side: side * file.size(projection, 2), channels: file.size(projection, 1) }
}

/** ViTModel and ViTForImageClassification (foreign-names). */
export const vitInHub: Omit<HubArchitecture<ImageTower, SizesOf<'images'>>, 'table'> = {
  title: 'ViT',
  landmark: tensors.projection,
  modelType: 'vit',
  settings: (file) => ({
    ...imageTowerSettings(file, tensors),
    activation: file.activation('hidden_act', 'gelu-exact'),
    normEpsilon: file.setting('layer_norm_eps', 'norm epsilon', 1e-12),
    dropoutRate: file.dropout('hidden_dropout_prob'),
    hasPatchBias: file.has(tensors.projection.replace(/weight$/, 'bias')),
  }),
  images: (file) => imagesOfTower(file, tensors),
  misfits: (tower) => [...imageTowerMisfits(tower, []), ...misfitsOf(tower, { hasInputNorm: [false] })],
  isOfHead: (name) => name.startsWith('classifier.'),
  configFile: (tower, { height, width, channels, head }) => ({
    architectures: [head.kind === 'classes' ? 'ViTForImageClassification' : 'ViTModel'],
    model_type: 'vit',
    hidden_size: tower.embedDim,
    num_hidden_layers: tower.numLayers,
    num_attention_heads: tower.numHeads,
    intermediate_size: hiddenDimOf(tower),
    hidden_act: hubActivations[tower.activation]!,
    hidden_dropout_prob: tower.dropoutRate,
    attention_probs_dropout_prob: tower.dropoutRate,
    layer_norm_eps: tower.normEpsilon,
    image_size: height === width ? height : [height, width],
    patch_size: tower.patchSize,
    num_channels: channels,
    qkv_bias: true,
    ...(head.kind === 'classes' ? placeholderClasses(head.count) : {}),
  }),
}
