import { dropUnits } from '../nn/dropUnits.ts'
import type { Weights } from '../nn/parameter.ts'
import { defineModel } from './defineModel.ts'
import { classHeadParameters, withClassScores } from './heads/classHead.ts'
import { projected, projectorParameters } from './heads/projector.ts'
import { vitInHub } from './hub/vitInHub.ts'
import { absentInHub, layerInHub, type HubWeight } from './hubWeights.ts'
import type { InputOf, ModelOutput, PassSetting, SizesOf } from './modelInputs.ts'
import {
  blocksInHub,
  imageTowerInHub,
  imageTowerIssues,
  imageTowerParameters,
  runImageTower,
  type ImageTower,
} from './transformer/imageTower.ts'
import { imageTowerFields } from './transformer/imageTowerFields.ts'

/**
 * A transformer over the patches of an image (Dosovitskiy et al. 2021), with registers (Darcet et al. 2024), stochastic depth
 * and pooling by mean or attention as choices.
 */
const head = 'classes'

function forward(
  config: ImageTower,
  weights: Weights,
  { pixels }: InputOf<'images'>,
  pass: PassSetting,
): ModelOutput {
  const { rows, pooled } = runImageTower(config, weights, { pixels, prefix: '', pass })
  const kept = dropUnits(pooled, pass.drawAt(head, config.dropoutRate))
  return { rows, ...withClassScores(kept, weights, head), ...projected(kept, weights), pooled }
}

/** ViTModel and ViTForImageClassification, under the names of a file with a head. */
function hubTable(config: ImageTower, sizes: SizesOf<'images'>): HubWeight[] {
  const own = 'vit.embeddings.'
  const { embedDim } = config
  return [
    ...imageTowerInHub(config, sizes, {
      prefix: '',
      names: {
        classToken: `${own}cls_token`,
        classTokenShape: [1, 1, embedDim],
        positions: `${own}position_embeddings`,
        arePositionsBatched: true,
        projection: `${own}patch_embeddings.projection`,
        inputNorm: '',
        finalNorm: 'vit.layernorm',
      },
    }),
    ...(config.hasPatchBias ? [] : [absentInHub(`${own}patch_embeddings.projection.bias`, [embedDim])]),
    ...blocksInHub(config, {
      prefix: '',
      hubPrefix: (layer) => `vit.encoder.layer.${layer}.`,
      names: {
        query: 'attention.attention.query',
        key: 'attention.attention.key',
        value: 'attention.attention.value',
        output: 'attention.output.dense',
        up: 'intermediate.dense',
        down: 'output.dense',
        normBefore: 'layernorm_before',
        normAfter: 'layernorm_after',
      },
    }),
    ...(sizes.head.kind === 'classes' ? layerInHub(head, [embedDim, sizes.head.count], ['classifier']) : []),
  ]
}

/** Files of ViTModel lack the prefix; null for its pooling layer, which classification does not use. */
function importName(name: string): string | null {
  if (/^(vit\.)?pooler\./.test(name)) return null
  return /^(embeddings|encoder\.layer|layernorm)\./.test(name) ? `vit.${name}` : name
}

export default defineModel({
  id: 'vit',
  title: 'Vision transformer',
  summary: 'A transformer that reads an image as a sequence of patches.',
  link: 'https://arxiv.org/abs/2010.11929',
  accepts: 'images',
  fields: imageTowerFields,
  tiny: { numLayers: 1, numHeads: 2, embedDim: 16, patchSize: 8 },
  imageUnit: ({ patchSize }) => patchSize,
  check: imageTowerIssues,
  parameters: (config, { head: scored, ...sizes }) => [
    ...imageTowerParameters(config, sizes, ''),
    ...classHeadParameters(head, config.embedDim, scored),
    ...projectorParameters(config.embedDim, scored),
  ],
  forward,
  hub: { ...vitInHub, table: hubTable },
  importName,
})
