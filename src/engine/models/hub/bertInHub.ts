import type { InferFields, Issue } from '../../../core/schema.ts'
import type { encoderFields } from '../encoderFields.ts'
import type { Head, SizesOf } from '../modelInputs.ts'
import { hiddenDimOf } from '../transformer/stack.ts'
import {
  blockMisfits,
  hubActivations,
  misfitsOf,
  placeholderClasses,
  type HubArchitecture,
} from './hubArchitecture.ts'

type Encoder = InferFields<typeof encoderFields>

const names = {
  none: 'BertModel',
  classes: 'BertForSequenceClassification',
  tokens: 'BertForMaskedLM',
} as const satisfies Record<Head['kind'], string>

const words = 'bert.embeddings.word_embeddings.weight'

/** Classes are scored of what the layer after pooling makes of the first token. */
function headMisfits(config: Encoder, { kind }: Head): Issue[] {
  if (kind === 'tokens') return []
  return misfitsOf(config, {
    pooling: ['class-token'],
    hasPooledLayer: kind === 'classes' ? [true] : [true, false],
  })
}

/** BertModel, BertForSequenceClassification and BertForMaskedLM (foreign-names). */
export const bertInHub: Omit<HubArchitecture<Encoder, SizesOf<'tokens'>>, 'table'> = {
  title: 'BERT',
  landmark: words,
  modelType: 'bert',
  words,
  settings(file) {
    const embedDim = file.size(words, 1)
    return {
      embedDim,
      numLayers: file.layers('bert.encoder.layer.'),
      numHeads: file.heads('num_attention_heads', embedDim),
      seqLen: file.size('bert.embeddings.position_embeddings.weight', 0),
      mlpRatio: file.size('bert.encoder.layer.0.intermediate.dense.weight', 0) / embedDim,
      activation: file.activation('hidden_act', 'gelu-exact'),
      normEpsilon: file.setting('layer_norm_eps', 'norm epsilon', 1e-12),
      dropoutRate: file.dropout('hidden_dropout_prob'),
      isHeadTied: !file.hasOwn('cls.predictions.decoder.weight', words),
      numTokenTypes: file.size('bert.embeddings.token_type_embeddings.weight', 0),
      hasPooledLayer: true,
    }
  },
  misfits: (config, { head }) => [
    ...misfitsOf(config, { positions: ['learned'] }),
    ...blockMisfits(config, 'post'),
    ...headMisfits(config, head),
  ],
  isOfHead: (name) => /^(cls|classifier|bert\.pooler)\./.test(name),
  configFile: (config, { vocabSize, head }) => ({
    architectures: [names[head.kind]],
    model_type: 'bert',
    vocab_size: vocabSize,
    hidden_size: config.embedDim,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    intermediate_size: hiddenDimOf(config),
    hidden_act: hubActivations[config.activation]!,
    hidden_dropout_prob: config.dropoutRate,
    attention_probs_dropout_prob: config.dropoutRate,
    max_position_embeddings: config.seqLen,
    // At least one there: see the table.
    type_vocab_size: Math.max(1, config.numTokenTypes),
    layer_norm_eps: config.normEpsilon,
    tie_word_embeddings: config.isHeadTied,
    pad_token_id: null,
    ...(head.kind === 'classes' ? placeholderClasses(head.count) : {}),
  }),
}
