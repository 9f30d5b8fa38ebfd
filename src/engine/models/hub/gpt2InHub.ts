import type { InferFields } from '../../../core/schema.ts'
import type { SizesOf } from '../modelInputs.ts'
import { hiddenDimOf } from '../transformer/stack.ts'
import type { transformerFields } from '../transformer/transformerFields.ts'
import { blockMisfits, hubActivations, misfitsOf, type HubArchitecture } from './hubArchitecture.ts'

type Gpt = InferFields<typeof transformerFields>

const words = 'transformer.wte.weight'

/** GPT2LMHeadModel (foreign-names). */
export const gpt2InHub: Omit<HubArchitecture<Gpt, SizesOf<'tokens'>>, 'table'> = {
  title: 'GPT-2',
  landmark: words,
  modelType: 'gpt2',
  words,
  settings(file) {
    const embedDim = file.size(words, 1)
    return {
      embedDim,
      numLayers: file.layers('transformer.h.'),
      numHeads: file.heads('n_head', embedDim),
      seqLen: file.size('transformer.wpe.weight', 0),
      mlpRatio: file.size('transformer.h.0.mlp.c_fc.weight', 1) / embedDim,
      activation: file.activation('activation_function', 'gelu-tanh'),
      normEpsilon: file.setting('layer_norm_epsilon', 'norm epsilon', 1e-5),
      dropoutRate: file.dropout('resid_pdrop'),
      isHeadTied: !file.hasOwn('lm_head.weight', words),
    }
  },
  misfits: (config) => [...misfitsOf(config, { positions: ['learned'] }), ...blockMisfits(config, 'pre')],
  isOfHead: () => false,
  configFile: (config, { vocabSize }) => ({
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    vocab_size: vocabSize,
    n_positions: config.seqLen,
    n_embd: config.embedDim,
    n_layer: config.numLayers,
    n_head: config.numHeads,
    n_inner: hiddenDimOf(config),
    activation_function: hubActivations[config.activation]!,
    layer_norm_epsilon: config.normEpsilon,
    resid_pdrop: config.dropoutRate,
    embd_pdrop: config.dropoutRate,
    attn_pdrop: config.dropoutRate,
    tie_word_embeddings: config.isHeadTied,
    bos_token_id: null,
    eos_token_id: null,
  }),
}
