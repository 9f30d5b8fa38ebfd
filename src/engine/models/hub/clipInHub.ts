import type { InferFields, Issue } from '../../../core/schema.ts'
import type { dualEncoderFields } from '../dualEncoderFields.ts'
import type { SizesOf } from '../modelInputs.ts'
import { hiddenDimOf } from '../transformer/stack.ts'
import {
  blockMisfits,
  hubActivations,
  misfitsOf,
  type HubArchitecture,
  type HubConfig,
} from './hubArchitecture.ts'
import type { HubFile } from './hubFile.ts'
import { imagesOfTower, imageTowerMisfits, imageTowerSettings } from './vitInHub.ts'

type DualEncoder = InferFields<typeof dualEncoderFields>
type Tower = DualEncoder['image'] | DualEncoder['text']

function squareIssues({ height, width }: SizesOf<'captionedImages'>['image']): Issue[] {
  return height === width ? [] : [{ path: [], message: `images must be square, got ${height} x ${width}` }]
}

/** What both towers say. */
function towerConfig(tower: Tower, projectionDim: number): HubConfig {
  return {
    hidden_size: tower.embedDim,
    intermediate_size: hiddenDimOf(tower),
    projection_dim: projectionDim,
    num_hidden_layers: tower.numLayers,
    num_attention_heads: tower.numHeads,
    hidden_act: hubActivations[tower.activation]!,
    layer_norm_eps: tower.normEpsilon,
    attention_dropout: tower.dropoutRate,
  }
}

const words = 'text_model.embeddings.token_embedding.weight'
const imageTensors = {
  projection: 'vision_model.embeddings.patch_embedding.weight',
  positions: 'vision_model.embeddings.position_embedding.weight',
  blocks: 'vision_model.encoder.layers.',
  up: '.mlp.fc1.weight',
}

/** What only `config.json` tells of a tower. */
function sharedSettings(tower: HubFile) {
  return {
    activation: tower.activation('hidden_act', 'quick-gelu'),
    normEpsilon: tower.setting('layer_norm_eps', 'norm epsilon', 1e-5),
    dropoutRate: tower.dropout('attention_dropout'),
  }
}

/** CLIPModel (foreign-names). */
export const clipInHub: Omit<HubArchitecture<DualEncoder, SizesOf<'captionedImages'>>, 'table'> = {
  title: 'CLIP',
  landmark: words,
  modelType: 'clip',
  words,
  settings(file) {
    const [image, text] = [file.within('vision_config'), file.within('text_config')]
    const embedDim = text.size(words, 1)
    return {
      image: {
        ...imageTowerSettings(image, imageTensors),
        ...sharedSettings(image),
        hasInputNorm: true,
        hasPatchBias: false,
      },
      text: {
        embedDim,
        numLayers: text.layers('text_model.encoder.layers.'),
        numHeads: text.heads('num_attention_heads', embedDim),
        seqLen: text.size('text_model.embeddings.position_embedding.weight', 0),
        mlpRatio: text.size('text_model.encoder.layers.0.mlp.fc1.weight', 0) / embedDim,
        ...sharedSettings(text),
      },
      projectionDim: file.size('text_projection.weight', 0),
    }
  },
  images: (file) => imagesOfTower(file, imageTensors),
  logScale: 'logit_scale',
  misfits: ({ image, text, ...config }, sizes) => [
    ...imageTowerMisfits(image, ['image']),
    ...misfitsOf(image, { hasInputNorm: [true], hasPatchBias: [false] }, ['image']),
    ...misfitsOf(text, { positions: ['learned'], isCausal: [true], pooling: ['last-token'] }, ['text']),
    ...blockMisfits(text, 'pre', ['text']),
    ...misfitsOf(config, { projection: ['linear'] }),
    ...squareIssues(sizes.image),
  ],
  isOfHead: () => false,
  configFile: ({ image, text, projectionDim }, sizes) => ({
    architectures: ['CLIPModel'],
    model_type: 'clip',
    projection_dim: projectionDim,
    vision_config: {
      ...towerConfig(image, projectionDim),
      num_channels: sizes.image.channels,
      image_size: sizes.image.height,
      patch_size: image.patchSize,
    },
    text_config: {
      ...towerConfig(text, projectionDim),
      vocab_size: sizes.text.vocabSize,
      max_position_embeddings: text.seqLen,
      pad_token_id: null,
      bos_token_id: null,
      eos_token_id: sizes.text.vocabSize - 1,
    },
  }),
  caveat:
    'CLIPModel looks for an end token, which these texts do not have: take the row of the last token of text_model, and project it.',
}
