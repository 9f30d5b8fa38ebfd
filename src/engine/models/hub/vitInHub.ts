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

type ImageTower = InferFields<typeof imageTowerFields>

/** What towers of images of ViT and CLIP cannot have. */
export function imageTowerMisfits(tower: ImageTower, path: readonly string[]) {
  const can = { pooling: ['class-token'], positions: ['learned'], numRegisters: [0] }
  return [...misfitsOf(tower, can, path), ...blockMisfits(tower, 'pre', path)]
}

/** ViTModel and ViTForImageClassification (foreign-names). */
export const vitInHub: Omit<HubArchitecture<ImageTower, SizesOf<'images'>>, 'table'> = {
  title: 'ViT',
  landmark: 'vit.embeddings.patch_embeddings.projection.weight',
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
